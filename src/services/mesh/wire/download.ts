import { Readable } from 'node:stream';
import { createGunzip, gunzipSync } from 'node:zlib';
import { type Answer, type Call, header, type Operation, StreamedBody } from '../../../platform/http/operation.ts';
import type { Refusal } from '../../../platform/http/refusal.ts';
import { noteOf } from '../../../platform/http/server.ts';
import type { Found } from '../messages/chunks.ts';
import type { DownloadTimes } from '../messages/download.ts';
import { addressOf } from '../messages/find.ts';
import type { MessageParts } from '../messages/parts.ts';
import { isDownloadable, stateAt } from '../messages/states.ts';
import { secretOf } from '../payloads/payloads.ts';
import { errors, refuse } from './errors.ts';
import { mailboxOf, mailboxPath } from './frame.ts';
import { messageHeaders } from './message-headers.ts';
import { begun, type StreamedDownloads } from './streamed-downloads.ts';
import { versionOf } from './version.ts';

/** Decompressed in memory up to this many bytes, then as a stream. */
const gunzipBytes = 1024 * 1024;

/** Types a download may carry as its own, in ASCII; any other is told in `mex-content-type` only. */
const knownTypes =
  /^(text\/(plain|csv|xml)|application\/(json|xml|pdf|fhir\+json|fhir\+xml|edifact|hl7-v2|zip))[ \t]*(;[\w \t=."-]*)?$/i;

/** What each download is noted in, and what those share that are on their way. */
type Out = { readonly times: DownloadTimes; readonly streamed: StreamedDownloads };

/** A message or one of its chunks, and what HEAD tells of it. */
export function downloadOperations(parts: MessageParts, out: Out): Operation[] {
  const whole = `${mailboxPath}/inbox/:message`;
  const shared = {
    access: 'open',
    audit: 'read',
    answers: { 200: { summary: 'The last or only chunk' }, 206: { summary: 'A chunk with more to follow' } },
  } as const;
  return [
    {
      ...shared,
      name: 'mesh.download',
      method: 'GET',
      path: whole,
      summary: 'A message, or its first chunk',
      handle: (call) => download(parts, out, call, 'mesh.download', 1),
    },
    {
      ...shared,
      name: 'mesh.download-chunk',
      method: 'GET',
      path: `${whole}/:chunk`,
      summary: 'One chunk of a message',
      handle: (call) => download(parts, out, call, 'mesh.download-chunk', chunkNumber(call)),
    },
    {
      ...shared,
      name: 'mesh.head',
      method: 'HEAD',
      path: whole,
      summary: 'What the headers tell of a message; for its sender too',
      handle: (call) => head(parts, call),
    },
  ];
}

function chunkNumber(call: Call): number {
  const text = call.params.chunk as string;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw refuse(call, errors.noMessage);
  return Number(text);
}

async function download(
  parts: MessageParts,
  { times, streamed }: Out,
  call: Call,
  name: string,
  number: number,
): Promise<Answer> {
  const { mailboxId } = mailboxOf(parts.directory, call);
  const messageId = call.params.message as string;
  call.purpose = `message ${messageId}`;
  const found = await parts.chunks.find(mailboxId, messageId, number);
  await call.admission;
  if (!found) throw await whyNotHere(parts, call, messageId);
  const { message, chunk } = found;
  const noted = (status: number) => times.note(message, [noteOf(call, { name }, call.subject, 'allowed', status)]);
  const isThere = isDownloadable(stateAt(message, call.now));
  if (!isThere) throw refuse(call, errors.gone);
  if (message.messageType === 'REPORT' && number === 1) {
    return { status: 200, headers: messageHeaders(message, 1), isAudited: await noted(200) };
  }
  if (number > message.totalChunks) throw refuse(call, errors.noMessage);
  if (!chunk || message.sealedKey === undefined) throw refuse(call, errors.gone);
  const body = streamed.hold(call, bodyOf(parts, call, found));
  await begun(body);
  const status = number < message.totalChunks ? 206 : 200;
  return { ...body, status, isAudited: await noted(status) };
}

/** Not in this mailbox: somebody else's, or nobody's. */
async function whyNotHere({ db }: MessageParts, call: Call, messageId: string): Promise<Refusal> {
  return refuse(call, (await addressOf(db, messageId)) ? errors.forbidden : errors.noMessage);
}

/** The chunk as the client can take it (contract, section 6). */
function bodyOf({ payloads }: MessageParts, call: Call, found: Found): Omit<Answer, 'status'> {
  const { message } = found;
  const chunk = found.chunk as NonNullable<Found['chunk']>;
  const headers = messageHeaders(message, chunk.number);
  const key = payloads.openKey(message.messageId, message.sealedKey as string);
  const payload = payloads.open(chunk, secretOf(key, message.messageId, chunk.number));
  const isOwnType = versionOf(call) === 2 && message.totalChunks === 1 && knownTypes.test(message.contentType);
  const contentType = isOwnType ? withCharset(message.contentType) : 'application/octet-stream';
  const stored = Buffer.isBuffer(payload) ? payload : new StreamedBody(Readable.from(payload), chunk.length);
  if (message.contentEncoding !== 'gzip') return { headers, contentType, body: stored };
  const plain = acceptsGzip(call) || !found.isGzipEach ? undefined : gunzipped(payload);
  // chunks that are pieces of one stream can be decompressed by nobody but who has them all
  if (plain === undefined) return { headers: { ...headers, 'content-encoding': 'gzip' }, contentType, body: stored };
  return { headers, contentType, body: plain };
}

function withCharset(type: string): string {
  return /^text\//i.test(type) && !/charset=/i.test(type) ? `${type}; charset=utf-8` : type;
}

function acceptsGzip(call: Call): boolean {
  const codings = (header(call, 'accept-encoding') ?? '').toLowerCase().split(',');
  return codings.some((coding) => /^\s*(x-)?gzip\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/.test(coding));
}

/** Decompressed: in memory where it is small; undefined where it is no gzip after all. */
function gunzipped(payload: Buffer | AsyncIterable<Buffer>): Buffer | StreamedBody | undefined {
  if (!Buffer.isBuffer(payload)) return unzipStream(Readable.from(payload));
  try {
    return gunzipSync(payload, { maxOutputLength: gunzipBytes });
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') return unzipStream(Readable.from([payload]));
    return undefined;
  }
}

function unzipStream(source: Readable): StreamedBody {
  // a stream that ends too early fails: what is left of it must not be taken for all
  const gunzip = createGunzip();
  source.on('error', (error) => gunzip.destroy(error));
  gunzip.on('close', () => source.destroy());
  return new StreamedBody(source.pipe(gunzip));
}

async function head(parts: MessageParts, call: Call): Promise<Answer> {
  const { mailboxId } = mailboxOf(parts.directory, call);
  const messageId = call.params.message as string;
  call.purpose = `message ${messageId}`;
  const address = await addressOf(parts.db, messageId);
  if (!address) throw refuse(call, errors.noMessage);
  if (address.recipient !== mailboxId && address.sender !== mailboxId) throw refuse(call, errors.forbidden);
  const found = await parts.chunks.find(address.recipient, messageId, 1);
  if (!found) throw refuse(call, errors.noMessage);
  if (!isDownloadable(stateAt(found.message, call.now))) throw refuse(call, errors.gone);
  const headers = messageHeaders(found.message, 1);
  // ours, for who asks: none of the published headers tells how large a message is
  if (header(call, 'openspine-file-size') === 'requested') headers['openspine-file-size'] = `${found.message.fileSize}`;
  return { status: 200, headers };
}
