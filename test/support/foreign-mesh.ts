import { createHmac, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterAll } from 'vitest';

type Kept = {
  id: string;
  from: string;
  to: string;
  headers: Record<string, string>;
  chunks: Buffer[];
  total: number;
  status: 'uploading' | 'accepted' | 'acknowledged';
};
/** What the MESH does to one request: answers so, or cuts the connection before or after it has done its work. */
type Mishap = { status: number; body?: string; headers?: Record<string, string> } | 'cut-before' | 'cut-after';

/** A tracking record in the form of version 2, or that of version 1, which is also that of local ids in both. */
function trackingOf(one: Kept, isSecond: boolean): object {
  const localId = one.headers['mex-localid'] ?? '';
  const workflowId = one.headers['mex-workflowid'] ?? '';
  if (isSecond)
    return {
      message_id: one.id,
      local_id: localId,
      workflow_id: workflowId,
      upload_timestamp: '2026-11-25T12:00:00.363801',
      expiry_time: '2026-11-30T12:00:00.363765',
      recipient: one.to,
      recipient_name: 'TESTMB2',
      status_success: true,
      status: one.status,
    };
  return {
    messageId: one.id,
    localId,
    workflowId,
    uploadTimestamp: '20261125120000',
    expiryTime: '20261130120000',
    downloadTimestamp: '',
    recipient: one.to,
    recipientName: 'TESTMB2',
    statusSuccess: 'SUCCESS',
    status: `${one.status.slice(0, 1).toUpperCase()}${one.status.slice(1)}`,
  };
}

/**
 * A MESH that is not ours: real HTTP, its own reading of the published interface, messages in memory. It checks
 * authorization and remembers tokens, and misbehaves as told.
 */
export async function foreignMesh(options: { offers?: string; hasRecords?: boolean; tls?: ServerOptions } = {}) {
  const messages: Kept[] = [];
  const tokens = new Set<string>();
  const mishaps: { match: RegExp; mishap: Mishap }[] = [];
  const asked: string[] = [];
  const keys = new Map<string, string>();
  const waiting = new Set<() => unknown>();
  const state = { pageSize: 500, sharedKey: 'TestKey', password: 'password' };

  const serve = (request: IncomingMessage, response: ServerResponse) => {
    const pieces: Buffer[] = [];
    request.on('error', () => {});
    request.on('data', (piece) => pieces.push(piece));
    request.on('end', () => {
      const line = `${request.method} ${request.url}`;
      asked.push(line);
      const index = mishaps.findIndex(({ match }) => match.test(line));
      const mishap = index < 0 ? undefined : mishaps.splice(index, 1)[0]?.mishap;
      if (mishap === 'cut-before') return request.socket.destroy();
      if (typeof mishap === 'object') {
        response.writeHead(mishap.status, mishap.headers);
        return response.end(mishap.body ?? '');
      }
      if (mishap === 'cut-after') {
        answer(request, Buffer.concat(pieces), { writeHead: () => {}, end: () => {} } as unknown as ServerResponse);
        return request.socket.destroy();
      }
      return answer(request, Buffer.concat(pieces), response);
    });
  };
  const server = options.tls ? createTlsServer(options.tls, serve) : createServer(serve);

  function answer(request: IncomingMessage, body: Buffer, response: ServerResponse, isKnown = false) {
    const isSecond = String(request.headers.accept).includes('v2');
    const url = new URL(request.url ?? '/', 'http://mesh');
    const json = (status: number, value: unknown, headers: Record<string, string> = {}) => {
      const text = value === '' ? '' : JSON.stringify(value);
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(text);
    };
    const refuse = (status: number, event: string, code: string, msg: string) =>
      json(
        status,
        isSecond ? { detail: [{ event, code, msg }] } : { errorEvent: event, errorCode: code, errorDescription: msg },
      );
    const [, , mailbox = '', ...rest] = url.pathname.split('/');
    const fault = authorizationFault(String(request.headers.authorization ?? ''), mailbox);
    if (fault && !isKnown) return refuse(403, '', '', fault);
    const path = rest.join('/');
    const header = (name: string) => String(request.headers[name] ?? '');
    if (path === '' && request.method === 'POST')
      return json(200, isSecond ? '' : { mailboxId: mailbox }, options.offers ? { 'mex-offers': options.offers } : {});
    if (path === 'inbox') {
      const hasAny = messages.some((one) => one.to === mailbox && one.status === 'accepted');
      if (url.searchParams.has('wait') && !hasAny && !response.destroyed) {
        waiting.add(() => answer(request, body, response, true));
        return;
      }
      const all = messages.filter((one) => one.to === mailbox && one.status === 'accepted').map(({ id }) => id);
      const most = Math.min(state.pageSize, Number(url.searchParams.get('max_results') ?? 500));
      const from = url.searchParams.get('continue_from');
      const begin = from === null ? 0 : all.filter((id) => id <= from).length;
      const ids = all.slice(begin, begin + most);
      const next = `/messageexchange/${mailbox}/inbox?continue_from=${ids.at(-1)}`;
      const links = begin + most < all.length ? { self: url.pathname, next } : { self: url.pathname };
      return json(200, isSecond ? { messages: ids, links, approx_inbox_count: all.length } : { messages: ids });
    }
    if (path === 'outbox' && request.method === 'POST') {
      if (header('mex-to') === 'NOBODY') return refuse(417, 'SEND', '12', 'Unregistered to address');
      const known = keys.get(header('idempotency-key'));
      if (known) return json(202, isSecond ? { message_id: known } : { messageID: known });
      const id = `20261125120000${String(messages.length).padStart(6, '0')}_${randomBytes(3).toString('hex').toUpperCase()}`;
      const total = Number(header('mex-chunk-range').split(':')[1] ?? 1);
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const status = total === 1 ? 'accepted' : 'uploading';
      messages.push({ id, from: mailbox, to: header('mex-to'), headers, chunks: [body], total, status });
      if (options.offers && header('idempotency-key')) keys.set(header('idempotency-key'), id);
      return json(202, isSecond ? { message_id: id } : { messageID: id });
    }
    const [box, id, ...more] = rest;
    if (box === 'outbox' && id === 'rich' && options.hasRecords !== false) {
      const mine = messages.filter((one) => one.from === mailbox && one.status !== 'uploading');
      return json(200, { messages: mine.map((one) => ({ message_id: one.id, local_id: one.headers['mex-localid'] })) });
    }
    if (box === 'outbox' && id === 'tracking' && options.hasRecords !== false) {
      const wanted = url.searchParams.get('messageID');
      const found = messages.filter(
        (one) =>
          one.from === mailbox &&
          (wanted === null ? one.headers['mex-localid'] === decodeURIComponent(more[0] ?? '') : one.id === wanted),
      );
      const [one] = found;
      if (found.length > 1) return refuse(300, '', '', 'Multiple Choices');
      if (!one) return refuse(404, '', '', 'Not Found');
      return json(200, trackingOf(one, isSecond && wanted !== null));
    }
    const message = messages.find((one) => one.id === id);
    if (!message) return refuse(404, 'RECEIVE', '20', 'Message does not exist');
    if (box === 'outbox' && request.method === 'POST') {
      if (message.status !== 'uploading') return json(423, { message: 'An internal error occurred.' });
      const number = Number(more[0]);
      message.chunks[number - 1] = body;
      if (message.chunks.filter(Boolean).length === message.total) message.status = 'accepted';
      return json(202, isSecond ? null : { messageID: id, blockID: number });
    }
    if (message.to !== mailbox) return refuse(403, '', '', 'Forbidden');
    if (request.method === 'PUT') {
      message.status = 'acknowledged';
      return json(200, isSecond ? '' : { messageId: id });
    }
    const number = Number(more[0] ?? 1);
    const chunk = message.chunks[number - 1] ?? Buffer.alloc(0);
    const isGzip = message.headers['content-encoding'] === 'gzip';
    const asStored = isGzip && header('accept-encoding').includes('gzip');
    const sent = Object.entries(message.headers).filter(([name]) => /^mex-(?!chunk|from|to$)/.test(name));
    response.writeHead(number >= message.total || request.method === 'HEAD' ? 200 : 206, {
      ...Object.fromEntries(sent),
      ...(message.from === '' ? {} : { 'mex-from': message.from }),
      'mex-to': message.to,
      'mex-messageid': message.id,
      'mex-chunk-range': `${number}:${message.total}`,
      'mex-total-chunks': String(message.total),
      'mex-messagetype': message.headers['mex-messagetype'] ?? 'DATA',
      ...(asStored ? { 'content-encoding': 'gzip' } : {}),
    });
    response.end(isGzip && !asStored ? gunzipSync(chunk) : chunk);
  }

  function authorizationFault(header: string, mailbox: string): string | undefined {
    const [whose, nonce, count, minute, hash] = header.replace(/^NHSMESH /, '').split(':');
    if (!header.startsWith('NHSMESH ') || hash === undefined) return 'Error reading from Authorization header';
    if (whose !== mailbox) return 'Mailbox id does not match token';
    const message = `${whose}:${nonce}:${count}:${state.password}:${minute}`;
    if (createHmac('sha256', state.sharedKey).update(message).digest('hex') !== hash)
      return 'Invalid Authentication Token';
    if (tokens.has(header)) return 'Error Duplicated Authentication Token';
    tokens.add(header);
    return undefined;
  }

  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `${options.tls ? 'https://localhost' : 'http://127.0.0.1'}:${(server.address() as AddressInfo).port}`,
    messages,
    asked,
    state,
    /** The next request of this method and path goes wrong so. */
    next(match: RegExp, mishap: Mishap): void {
      mishaps.push({ match, mishap });
    },
    /** Puts a message into a mailbox, with these headers and chunks. */
    put(to: string, headers: Record<string, string>, chunks: Buffer[]): string {
      const id = `20261125120000${String(messages.length).padStart(6, '0')}_ABCDEF`;
      messages.push({
        id,
        from: headers['mex-from'] ?? '',
        to,
        headers,
        chunks,
        total: chunks.length,
        status: 'accepted',
      });
      for (const wake of waiting) wake();
      waiting.clear();
      return id;
    },
  };
}
