import { Readable } from 'node:stream';
import type { AuditLog } from '../../../platform/audit/audit-log.ts';
import type { AuditNote } from '../../../platform/audit/entry.ts';
import { isTransient } from '../../../platform/db/database.ts';
import { dayOf } from '../../../platform/nhs/dates.ts';
import type { Traced, TraceRequest } from '../../pds/index.ts';
import { messageEvent } from '../messages/events.ts';
import { messageIn } from '../messages/find.ts';
import { expiryMillis, type Message, plainMessage } from '../messages/message.ts';
import type { MessageParts } from '../messages/parts.ts';
import { acknowledgeMessages, putChunks, type StoredChunk } from '../messages/queries.ts';
import { readPayload, UnreadablePayload, withoutGzip } from '../messages/read-payload.ts';
import { type Failing, reportOf } from '../messages/report.ts';
import { statementsOf } from '../messages/send.ts';
import { secretOf } from '../payloads/payloads.ts';
import { responseFileName } from './columns.ts';
import { traceFile, UnreadableFile } from './trace-file.ts';

export type TraceParts = MessageParts & {
  readonly audit: AuditLog;
  readonly traceOne: (request: TraceRequest, day: string) => Promise<Traced>;
  /** Called again and again while a file is worked on; throws to break off. */
  readonly goOn: () => Promise<void>;
};

/** A request of this many bytes is a mistake: a million records are 300 MB at most. */
const mostRequestBytes = 16 * 2 ** 30;
/** Chunks of an answer. */
const chunkBytes = 64 * 2 ** 20;

class AlreadyAnswered extends Error {}

/**
 * Answers one request file in PDS's mailbox: traces it as it is read, writes the answer away as it is made, and puts it
 * into the sender's mailbox in the transaction that acknowledges the request. So each request has one answer, whenever a
 * process ends. A file that cannot be read is answered by a report that says why.
 */
export async function answerRequest(parts: TraceParts, request: Message): Promise<void> {
  const { messageId, order } = parts.ids.next();
  const { key, sealedKey } = parts.payloads.newKey(messageId);
  const chunks: StoredChunk[] = [];
  try {
    const lines = linesOf(parts, request);
    for await (const piece of piecesOf(lines)) {
      const secret = secretOf(key, messageId, chunks.length + 1);
      const chunk = await parts.payloads.receive(
        Readable.from(piece),
        Number.MAX_SAFE_INTEGER,
        secret,
        chunks.length + 1,
      );
      if (chunk) chunks.push(chunk);
    }
    const at = Math.floor(order / 1000);
    const answer: Message = {
      ...plainMessage,
      mailboxId: request.sender,
      messageId,
      state: 'accepted',
      sender: request.mailboxId,
      workflowId: request.workflowId,
      localId: request.localId,
      partnerId: request.partnerId,
      subject: request.subject,
      fileName: responseFileName(request.fileName, at),
      contentType: 'text/csv',
      totalChunks: chunks.length,
      fileSize: chunks.reduce((sum, chunk) => sum + chunk.length, 0),
      sentOrder: order,
      acceptedOrder: order,
      expiresAt: at + expiryMillis,
      linkedMessageId: request.messageId,
      sealedKey,
    };
    await deliver(parts, request, answer, chunks);
  } catch (error) {
    // after a lost connection the answer may be there all the same: what is not is removed by the reconciler
    if (!isTransient(error)) await parts.payloads.remove(chunks.flatMap((chunk) => chunk.reference ?? []));
    if (!(error instanceof UnreadableFile || error instanceof UnreadablePayload)) throw error;
    await refuseRequest(parts, request, {
      event: 'SEND',
      code: '11',
      text: `Invalid Message Type for the transfer: ${error.message}`,
    });
  }
}

/** Acknowledges a request and tells its sender why it is not answered. */
export async function refuseRequest(parts: TraceParts, request: Message, failing: Failing): Promise<void> {
  await deliver(parts, request, reportOf(request, failing, parts.ids.next()), []);
}

/** Acknowledges a report on an answer of ours, which nobody waits to be answered. */
export async function putAside(parts: TraceParts, report: Message): Promise<void> {
  const now = parts.clock.now();
  await parts.writer.write(
    [acknowledgeMessages([report.mailboxId], [report.messageId], now)],
    ([acknowledged = []]) => ({
      events: acknowledged.map(() => messageEvent('mesh.message-acknowledged', report, now)),
      notes: acknowledged.map(() => noteFor(parts, report, '')),
    }),
  );
}

function linesOf(parts: TraceParts, request: Message): AsyncGenerator<string> {
  const record = async (found: readonly { nhsNumber: string }[]) => {
    await parts.goOn();
    await parts.audit.record(found.map(({ nhsNumber }) => noteFor(parts, request, nhsNumber)));
  };
  const day = dayOf(parts.clock.now());
  return traceFile(
    { traceOne: (asked) => parts.traceOne(asked, day), record },
    withoutGzip(readPayload(parts, request), mostRequestBytes),
  );
}

/** Each look-up stands in the audit under the organisation that asked. */
function noteFor({ clock, directory }: TraceParts, request: Message, nhsNumber: string): AuditNote {
  return {
    nhsNumber,
    at: clock.now(),
    operation: 'mesh.batch-trace',
    outcome: 'allowed',
    status: 200,
    mode: 'application-restricted',
    appId: request.sender,
    odsCode: directory.find(request.sender)?.odsCode ?? '',
    userId: '',
    roleId: '',
    purpose: `message ${request.messageId}`,
    requestId: request.messageId,
  };
}

/** What is written, cut into streams of about a chunk each; none of them empty. */
async function* piecesOf(lines: AsyncGenerator<string>): AsyncGenerator<AsyncIterable<Buffer>> {
  let next = await lines.next();
  while (!next.done) {
    yield (async function* piece() {
      for (let size = 0; !next.done && size < chunkBytes; next = await lines.next()) {
        const bytes = Buffer.from(next.value);
        size += bytes.length;
        yield bytes;
      }
    })();
  }
}

/** One transaction: the answer in the sender's mailbox, the request acknowledged, events, audit. */
async function deliver(
  parts: TraceParts,
  request: Message,
  answer: Message,
  [first, ...more]: readonly StoredChunk[],
): Promise<void> {
  const now = parts.clock.now();
  const { mailboxId, messageId } = answer;
  const statements = [
    acknowledgeMessages([request.mailboxId], [request.messageId], now),
    ...statementsOf([{ message: answer, chunk: first, notes: [] }], now),
    ...(more.length > 0
      ? [
          putChunks(
            more.map((chunk) => ({ ...chunk, mailboxId, messageId })),
            now,
          ),
        ]
      : []),
  ];
  try {
    await parts.writer.write(statements, ([acknowledged = []]) => {
      if (acknowledged.length === 0) throw new AlreadyAnswered('another process has answered');
      return {
        events: [
          messageEvent('mesh.message-acknowledged', request, now),
          messageEvent('mesh.message-accepted', answer, now),
        ],
        notes: [noteFor(parts, request, '')],
      };
    });
    parts.arrivals.tell(mailboxId);
  } catch (error) {
    if (!(error instanceof AlreadyAnswered)) throw error;
    // by another process, or by us before a connection was lost: then our answer is there
    if (!(await messageIn(parts.db, mailboxId, messageId)))
      await parts.payloads.remove([first, ...more].flatMap((chunk) => chunk?.reference ?? []));
  }
}
