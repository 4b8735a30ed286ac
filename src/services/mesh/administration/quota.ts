import type { Quota } from '../mailboxes/mailbox.ts';

/** What a mailbox has sent today, and what waits in another. */
export type Usage = { readonly messages: number; readonly bytes: number };

/** Which bound one more message, or `messages: 0` for a chunk of one, of so many bytes would go beyond. */
export function beyondQuota(
  quota: Pick<Quota, 'messagesADay' | 'bytesADay'>,
  used: Usage,
  next: Usage,
): 'messages a day' | 'bytes a day' | undefined {
  const { messagesADay = Infinity, bytesADay = Infinity } = quota;
  if (next.messages > 0 && used.messages + next.messages > messagesADay) return 'messages a day';
  return used.bytes + next.bytes > bytesADay ? 'bytes a day' : undefined;
}
