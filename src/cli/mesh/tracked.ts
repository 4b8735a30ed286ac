/** What became of a message we sent, as MESH tells it; what it does not tell is undefined. Instants in ISO 8601, UTC. */
export type Tracked = {
  readonly messageId: string;
  /** `uploading`, `accepted`, `acknowledged`, `undeliverable`, `error`; or another word of that MESH, in small letters. */
  readonly status: string;
  readonly localId?: string | undefined;
  readonly recipient?: string | undefined;
  readonly recipientName?: string | undefined;
  readonly workflowId?: string | undefined;
  readonly fileName?: string | undefined;
  readonly sentAt?: string | undefined;
  /** Told by version 1 only. */
  readonly downloadedAt?: string | undefined;
  /** When it is sent back unless it was collected. */
  readonly expiresAt?: string | undefined;
  readonly isSuccess: boolean;
  readonly statusEvent?: string | undefined;
  readonly statusCode?: string | undefined;
  readonly statusDescription?: string | undefined;
};

/** Reads a tracking record of version 1 or 2; undefined where it is none. */
export function trackedIn(said: Readonly<Record<string, unknown>>): Tracked | undefined {
  const text = (...names: string[]): string | undefined => {
    const value = names.map((name) => said[name]).find((one) => typeof one === 'string' && one !== '');
    return value as string | undefined;
  };
  const messageId = text('message_id', 'messageId');
  if (messageId === undefined) return undefined;
  const success = said.status_success ?? said.statusSuccess;
  return {
    messageId,
    status: (text('status') ?? '').toLowerCase(),
    localId: text('local_id', 'localId'),
    recipient: text('recipient'),
    recipientName: text('recipient_name', 'recipientName'),
    workflowId: text('workflow_id', 'workflowId'),
    fileName: text('filename', 'fileName'),
    sentAt: instantOf(text('upload_timestamp', 'uploadTimestamp')),
    downloadedAt: instantOf(text('download_timestamp', 'downloadTimestamp')),
    expiresAt: instantOf(text('expiry_time', 'expiryTime')),
    isSuccess: !(success === false || success === 'ERROR'),
    statusEvent: text('status_event', 'statusEvent'),
    statusCode: text('status_code', 'statusCode'),
    statusDescription: text('status_description', 'statusDescription'),
  };
}

/** `yyyyMMddHHmmss` or ISO without a zone, both of UTC, to the second; anything else as it came. */
function instantOf(given: string | undefined): string | undefined {
  const [, ...parts] = /^(\d{4})-?(\d\d)-?(\d\d)T?(\d\d):?(\d\d):?(\d\d)(?:\.\d+)?Z?$/.exec(given ?? '') ?? [];
  if (parts.length === 0) return given;
  const [year, month, day, hour, minute, second] = parts;
  return `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
}

/** Lines for a person. What others wrote comes without control characters. */
export function linesOf(tracked: Tracked): string[] {
  const { messageId, status, recipient = '', recipientName, workflowId = '', localId, fileName } = tracked;
  const lines = [`${messageId}: ${status}`];
  const to = recipientName === undefined ? recipient : `${recipient} (${recipientName})`;
  const of = [`to ${to}`, workflowId, localId && `local id ${localId}`, fileName].filter(Boolean);
  lines.push(`  ${of.join(', ')}`);
  const { sentAt, downloadedAt, expiresAt } = tracked;
  const waits = status === 'accepted' || status === 'uploading';
  const times = [
    sentAt && `sent ${sentAt}`,
    downloadedAt && `downloaded ${downloadedAt}`,
    waits && expiresAt && `comes back ${expiresAt} unless it is collected`,
  ].filter(Boolean);
  if (times.length > 0) lines.push(`  ${times.join(', ')}`);
  const { isSuccess, statusEvent, statusCode, statusDescription } = tracked;
  const why = [statusEvent, statusCode, statusDescription].filter(Boolean).join(' ');
  if (!isSuccess) lines.push(`  not delivered${why === '' ? '' : `: ${why}`}`);
  return lines.map((line) => line.replace(/\p{Cc}/gu, ' '));
}
