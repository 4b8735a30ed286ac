import type { Message, MessageState } from './message.ts';

/** What may follow what. Acknowledging twice is no error: it changes nothing. */
const successors: Readonly<Record<MessageState, readonly MessageState[]>> = {
  uploading: ['accepted', 'error'],
  accepted: ['acknowledged', 'undeliverable'],
  acknowledged: [],
  undeliverable: [],
  error: [],
};

export function mayBecome(from: MessageState, to: MessageState): boolean {
  return successors[from].includes(to);
}

/** The state as it is now: one that has waited too long is out of reach before anything has marked it so. */
export function stateAt({ state, expiresAt }: Pick<Message, 'state' | 'expiresAt'>, now: number): MessageState {
  return state === 'accepted' && expiresAt <= now ? 'undeliverable' : state;
}

/** Whether its recipient may download it: until it is deleted, an acknowledged one too. */
export function isDownloadable(state: MessageState): boolean {
  return state === 'accepted' || state === 'acknowledged';
}
