import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Call } from './operation.ts';

/** What requests said they bring, where that is no media type. */
const unreadableTypes = new WeakMap<object, string>();
const mediaType = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(;|$)/;

/** The framework would refuse what is no media type before anybody is asked; whether it matters is the operation's to say. */
export function setAsideUnreadableType({ raw }: FastifyRequest, _reply: FastifyReply, done: () => void): void {
  const type = raw.headers['content-type'];
  if (type !== undefined && !mediaType.test(type)) {
    unreadableTypes.set(raw, type);
    raw.headers['content-type'] = 'application/octet-stream';
  }
  done();
}

const noBody = Buffer.alloc(0);

/** A request as operations see it. `now` in milliseconds. */
export function callOf(request: FastifyRequest, reply: FastifyReply, now: number): Call {
  const url = request.raw.url ?? '/';
  const mark = url.indexOf('?');
  const unreadableType = unreadableTypes.get(request.raw);
  return {
    method: request.method,
    path: mark < 0 ? url : url.slice(0, mark),
    rawQuery: mark < 0 ? '' : url.slice(mark + 1),
    params: (request.params ?? {}) as Record<string, string>,
    headers: unreadableType === undefined ? request.headers : { ...request.headers, 'content-type': unreadableType },
    body: Buffer.isBuffer(request.body) ? request.body : noBody,
    stream: request.raw,
    now,
    remote: request.ip,
    raw: { request: request.raw, response: reply.raw },
    admission: undefined,
    principal: undefined,
    roleProfileId: undefined,
    subject: '',
    purpose: '',
  };
}
