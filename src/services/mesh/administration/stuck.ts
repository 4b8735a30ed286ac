/** Messages of one workflow that have been waiting in a mailbox, or are still being uploaded to it. */
export type Stuck = {
  readonly isMailboxActive: boolean;
  readonly state: 'accepted' | 'uploading';
  /** Whether each of them was downloaded. */
  readonly isDownloaded: boolean;
  /** When the oldest was sent, and when the mailbox was last heard of; milliseconds since 1970. */
  readonly oldestAt: number;
  readonly calledAt: number | undefined;
};

export type StuckReason =
  | 'mailbox-deactivated'
  | 'upload-incomplete'
  | 'never-called'
  | 'not-called-since'
  | 'downloaded-not-acknowledged'
  | 'called-not-collected';

/** A mailbox is expected to call every day (contract, section 7); its last call is known to within minutes. */
const silentMillis = 86_400_000;

/** Why they are stuck: the first that holds of deactivated, incomplete, silent, and what its owner did with them. */
export function stuckReason(stuck: Stuck, now: number): StuckReason {
  if (!stuck.isMailboxActive) return 'mailbox-deactivated';
  if (stuck.state === 'uploading') return 'upload-incomplete';
  if (stuck.calledAt === undefined) return 'never-called';
  if (now - stuck.calledAt > silentMillis || stuck.calledAt < stuck.oldestAt) return 'not-called-since';
  return stuck.isDownloaded ? 'downloaded-not-acknowledged' : 'called-not-collected';
}
