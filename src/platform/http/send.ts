import type { FastifyReply } from 'fastify';
import { type Answer, StreamedBody } from './operation.ts';
import { sendStream } from './send-stream.ts';

/** Straight to the socket: content types go out exactly as given, and nothing is looked at twice. */
export function send(reply: FastifyReply, answer: Answer, common: Record<string, string>): void {
  const headers: Record<string, string | number | string[]> = {
    ...common,
    ...(answer.headers as Record<string, string>),
  };
  reply.hijack();
  if (answer.body === undefined) {
    headers['content-length'] = 0;
    reply.raw.writeHead(answer.status, headers);
    reply.raw.end();
    return;
  }
  if (answer.body instanceof StreamedBody) {
    headers['content-type'] = answer.contentType ?? 'application/octet-stream';
    if (answer.body.length !== undefined) headers['content-length'] = answer.body.length;
    reply.raw.writeHead(answer.status, headers);
    void sendStream(answer.body.stream, reply.raw);
    return;
  }
  const body =
    typeof answer.body === 'string' || Buffer.isBuffer(answer.body) ? answer.body : JSON.stringify(answer.body);
  headers['content-type'] = answer.contentType ?? 'application/json';
  headers['content-length'] = Buffer.byteLength(body);
  reply.raw.writeHead(answer.status, headers);
  reply.raw.end(body);
}
