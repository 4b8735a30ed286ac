import { connect } from 'node:net';

/** What came back on a connection of its own. */
export type RawAnswer = { readonly status: number; readonly head: string; readonly text: string };

export type RawRequest = {
  readonly method: string;
  /** As it goes on the wire; nothing is escaped. */
  readonly target: string;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: Buffer | string;
};

/** Sends exactly these bytes and reads until the other side closes. Rejects when it stays silent for ten seconds. */
export function exchange(port: number, bytes: Buffer): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const received: Buffer[] = [];
    socket.setTimeout(10_000, () => {
      socket.destroy();
      reject(new Error(`no answer in ten seconds to ${bytes.subarray(0, 120).toString('latin1')}`));
    });
    socket.on('data', (data) => received.push(Buffer.from(data as Buffer)));
    // a server may answer and close before it has read everything
    socket.on('error', () => {});
    socket.on('close', () => resolve(parse(Buffer.concat(received))));
    socket.write(bytes);
  });
}

/** Sends one request with `connection: close`. Header values and target are written as Latin-1. */
export function send(port: number, { method, target, headers = [], body }: RawRequest): Promise<RawAnswer> {
  const content = body === undefined ? undefined : Buffer.from(body as string);
  const lines = [
    `${method} ${target} HTTP/1.1`,
    'Host: localhost',
    'Connection: close',
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(content ? [`Content-Length: ${content.length}`] : []),
  ];
  return exchange(
    port,
    Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), content ?? Buffer.alloc(0)]),
  );
}

function parse(received: Buffer): RawAnswer {
  const text = received.toString('utf8');
  const end = text.indexOf('\r\n\r\n');
  const head = end < 0 ? text : text.slice(0, end);
  const status = Number(/^HTTP\/1\.1 ([0-9]{3}) /.exec(head)?.[1] ?? 0);
  return { status, head, text: end < 0 ? '' : text.slice(end + 4) };
}
