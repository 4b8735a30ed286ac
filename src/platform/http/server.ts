import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { AuditLog } from '../audit/audit-log.ts';
import type { AuditNote } from '../audit/entry.ts';
import { storable } from '../audit/entry.ts';
import type { Clock } from '../clock/clock.ts';
import { isForLater } from '../db/database.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { callOf, setAsideUnreadableType } from './incoming.ts';
import type { LoadGate } from './load-gate.ts';
import type { Answer, Call, Dialect, Mount, Operation, Service } from './operation.ts';
import { header } from './operation.ts';
import { Refusal } from './refusal.ts';
import { send } from './send.ts';

export type ServerParts = {
  readonly clock: Clock;
  readonly audit: AuditLog;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly gate: LoadGate;
  readonly limits: { readonly bodyBytes: number; readonly headerBytes: number };
  /** Certificate and key; plain HTTP without. With authorities, only clients with a certificate of theirs get in. */
  readonly tls: { readonly cert: Buffer; readonly key: Buffer; readonly ca?: Buffer } | undefined;
  readonly services: readonly Service[];
  /** What answers paths outside every service. */
  readonly fallback: Dialect;
};

/** Builds the HTTP server: every operation at its path, everything else at the dialect whose base it is under. */
export function buildServer(parts: ServerParts): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: parts.limits.bodyBytes,
    exposeHeadRoutes: false,
    // a request's whole body: 100 MB over a slow line take minutes; a head that drips is cut off by headersTimeout
    requestTimeout: 900_000,
    keepAliveTimeout: 72_000,
    ...(parts.tls
      ? {
          https: {
            ...parts.tls,
            ...mutual(parts.tls.ca),
            maxHeaderSize: parts.limits.headerBytes,
            headersTimeout: 30_000,
          },
        }
      : { http: { maxHeaderSize: parts.limits.headerBytes, headersTimeout: 30_000 } }),
    routerOptions: {
      ignoreTrailingSlash: false,
      caseSensitive: true,
      maxParamLength: 500,
      querystringParser: () => ({}),
    },
    frameworkErrors: (_error, request, reply) => malformed(parts, request, reply),
    clientErrorHandler: (error, socket) => brokenRequest(parts, error as NodeJS.ErrnoException, socket),
    return503OnClosing: false,
  }) as FastifyInstance;
  app.addHook('onRequest', setAsideUnreadableType);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error, request, reply) => transportError(parts, error, request, reply));
  const streaming: [Dialect, Operation][] = [];
  for (const service of parts.services) {
    for (const operation of service.operations) {
      if (operation.streams) streaming.push([service.dialect, operation]);
      else route(parts, app, service.dialect, operation);
    }
  }
  if (streaming.length > 0) {
    app.register(async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', (_request, _body, done) => done(null));
      for (const [dialect, operation] of streaming) route(parts, scope as typeof app, dialect, operation);
    });
  }
  for (const { name, dialect, mount } of parts.services) if (mount) mountAt(parts, app, { name, dialect, mount });
  app.setNotFoundHandler(async (request, reply) => {
    const dialect = dialectOf(parts, request.url);
    await runner(parts, dialect, undefined)(request, reply);
  });
  return app;
}

function route(parts: ServerParts, app: FastifyInstance, dialect: Dialect, operation: Operation): void {
  app.route({
    method: operation.method,
    url: operation.path,
    handler: runner(parts, dialect, operation),
    ...(operation.bodyBytes === undefined ? {} : { bodyLimit: operation.bodyBytes }),
  });
}

const mutual = (ca: Buffer | undefined) => (ca ? { requestCert: true, rejectUnauthorized: true } : {});

type Mounted = { readonly name: string; readonly dialect: Dialect; readonly mount: Mount };

/** Gives a mount everything below its base, with the body unread and the address shortened, as such handlers expect. */
function mountAt(parts: ServerParts, app: FastifyInstance, { name, dialect, mount }: Mounted): void {
  const observe = parts.metrics.observer(`${name}.mount`);
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _body, done) => done(null));
    scope.all(`${dialect.base}/*`, async (request, reply) => {
      const began = performance.now();
      if (!parts.gate.enter()) {
        const call = callOf(request, reply, parts.clock.now());
        send(reply, dialect.failure('busy', call), dialect.headers(call));
        return;
      }
      reply.hijack();
      const raw = request.raw as typeof request.raw & { originalUrl?: string };
      raw.originalUrl = raw.url ?? '/';
      raw.url = raw.originalUrl.slice(dialect.base.length);
      try {
        await mount(raw, reply.raw);
      } catch (error) {
        const call = callOf(request, reply, parts.clock.now());
        parts.log.failure(call, `${name}.mount`, error);
        const failure = dialect.failure(isForLater(error) ? 'busy' : 'unforeseen', call);
        if (!reply.raw.headersSent) send(reply, failure, dialect.headers(call));
      } finally {
        parts.gate.leave();
        observe(reply.raw.statusCode, performance.now() - began);
      }
    });
  });
}

function dialectOf(parts: ServerParts, url: string): Dialect {
  let best = parts.fallback;
  for (const { dialect } of parts.services) {
    if (
      dialect.base.length > best.base.length &&
      (url === dialect.base || url.startsWith(`${dialect.base}/`) || url.startsWith(`${dialect.base}?`))
    ) {
      best = dialect;
    }
  }
  return best;
}

/** The way of one request: gate, admission, operation, audit, answer. */
function runner(parts: ServerParts, dialect: Dialect, operation: Operation | undefined) {
  const observe = parts.metrics.observer(operation?.name ?? 'unknown');
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const began = performance.now();
    const call = callOf(request, reply, parts.clock.now());
    let answer: Answer;
    if (!parts.gate.enter()) {
      answer = dialect.failure('busy', call);
      send(reply, answer, dialect.headers(call));
      observe(answer.status, performance.now() - began);
      return;
    }
    try {
      answer = await carryOut(parts, dialect, operation, call);
    } finally {
      parts.gate.leave();
    }
    try {
      send(reply, answer, dialect.headers(call));
    } catch (error) {
      // an answer that cannot be sent, as a header no HTTP can say: never none at all
      parts.log.failure(call, operation?.name ?? 'unknown', error);
      answer = dialect.failure('unforeseen', call);
      send(reply, answer, dialect.headers(call));
    }
    const millis = performance.now() - began;
    observe(answer.status, millis);
    parts.log.access(call, operation?.name ?? 'unknown', answer.status, millis);
  };
}

async function carryOut(
  parts: ServerParts,
  dialect: Dialect,
  operation: Operation | undefined,
  call: Call,
): Promise<Answer> {
  try {
    await dialect.admit(call, operation);
    const answer = await carriedOutOnceAdmitted(dialect, operation, call);
    if (operation && operation.audit !== 'none' && !answer.isAudited) {
      const subjects = answer.subjects && answer.subjects.length > 0 ? answer.subjects : [call.subject];
      await parts.audit.record(subjects.map((subject) => noteOf(call, operation, subject, 'allowed', answer.status)));
    }
    return answer;
  } catch (error) {
    return refused(parts, dialect, operation, call, error);
  }
}

/** Of two refusals, that of admission is the one that is told. */
async function carriedOutOnceAdmitted(dialect: Dialect, operation: Operation | undefined, call: Call): Promise<Answer> {
  try {
    return operation ? await operation.handle(call) : await dialect.unknown(call);
  } finally {
    await call.admission;
  }
}

async function refused(
  parts: ServerParts,
  dialect: Dialect,
  operation: Operation | undefined,
  call: Call,
  error: unknown,
): Promise<Answer> {
  let answer: Answer;
  let code: string;
  if (error instanceof Refusal) {
    answer = { status: error.status, body: error.body, headers: error.headers, contentType: error.contentType };
    code = error.code;
  } else {
    parts.log.failure(call, operation?.name ?? 'unknown', error);
    // a database that is away for a moment, or full, is nobody's fault: the same request may come again
    answer = dialect.failure(isForLater(error) ? 'busy' : 'unforeseen', call);
    code = isForLater(error) ? 'UNAVAILABLE' : 'UNFORESEEN';
  }
  if (operation && operation.audit !== 'none') {
    try {
      await parts.audit.record([noteOf(call, operation, call.subject, code, answer.status)]);
    } catch (failure) {
      parts.log.failure(call, operation.name, failure);
      return dialect.failure(isForLater(failure) ? 'busy' : 'unforeseen', call);
    }
  }
  return answer;
}

/**
 * The organisation a caller acts for, as far as it is proved: that of the settled role, or the token's. What the caller
 * says of it in a header counts only where nothing is proved.
 */
export function organisationOf(call: Call): string {
  const { principal, roleProfileId } = call;
  const role = principal?.roles?.find((one) => one.roleProfileId === roleProfileId);
  return storable(role?.odsCode ?? principal?.odsCode ?? header(call, 'nhsd-end-user-organisation-ods') ?? '', 20);
}

/** The audit note of this call for one patient. */
export function noteOf(
  call: Call,
  operation: { name: string },
  subject: string,
  outcome: string,
  status: number,
): AuditNote {
  const principal = call.principal;
  return {
    nhsNumber: storable(subject, 20),
    at: call.now,
    operation: operation.name,
    outcome,
    status,
    mode: principal?.mode ?? 'none',
    appId: principal?.appId ?? '',
    odsCode: organisationOf(call),
    userId: principal?.userId ?? principal?.nhsNumber ?? '',
    roleId: storable(call.roleProfileId ?? '', 20),
    purpose: storable(call.purpose),
    requestId: storable(header(call, 'x-request-id') ?? '', 64),
  };
}

function transportError(parts: ServerParts, error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const call = callOf(request, reply, parts.clock.now());
  const dialect = dialectOf(parts, call.path);
  const status = (error as { statusCode?: number }).statusCode ?? 500;
  const kind = status === 413 ? 'too-large' : status < 500 ? 'malformed' : 'unforeseen';
  if (kind === 'unforeseen') parts.log.failure(call, 'transport', error);
  // the rest of the body is not read: the connection is of no further use, and would hold up a drain
  const connection = kind === 'too-large' ? { connection: 'close' } : {};
  send(reply, dialect.failure(kind, call), { ...dialect.headers(call), ...connection });
}

function malformed(parts: ServerParts, request: FastifyRequest, reply: FastifyReply): void {
  const call = callOf(request, reply, parts.clock.now());
  const dialect = dialectOf(parts, call.path);
  send(reply, dialect.failure('malformed', call), dialect.headers(call));
}

/** HTTP that the parser gave up on: there is no request to answer, only a socket. */
function brokenRequest(parts: ServerParts, error: NodeJS.ErrnoException, socket: import('node:net').Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
  const body = JSON.stringify(parts.fallback.failure('malformed', undefined).body);
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
