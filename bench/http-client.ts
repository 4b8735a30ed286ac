import { connect, type Socket } from 'node:net';

/** What the load asks next: the request as it goes on the wire, and who wants to know its answer. */
export type Ask = {
  readonly bytes: Buffer | string;
  readonly name: string;
  /** Status and body of the answer; false when it is not what it should be. */
  readonly check?: (status: number, body: Buffer) => boolean;
};

/** One keep-alive HTTP/1.1 connection that carries one request at a time; as little work for each as can be. */
export class Connection {
  readonly #host: string;
  readonly #port: number;
  #socket: Socket | undefined;
  #received: Buffer[] = [];
  #size = 0;
  #needed = 0;
  #headEnd = -1;
  #status = 0;
  #done: ((status: number, body: Buffer) => void) | undefined;

  constructor(host: string, port: number) {
    this.#host = host;
    this.#port = port;
  }

  /** Sends a request; its status (0 when the connection was lost) and body. */
  send(bytes: Buffer | string, done: (status: number, body: Buffer) => void): void {
    this.#done = done;
    const socket = this.#socket ?? this.#open();
    socket.write(bytes as string);
  }

  close(): void {
    this.#socket?.destroy();
  }

  #open(): Socket {
    const socket = connect({ host: this.#host, port: this.#port, noDelay: true });
    this.#socket = socket;
    socket.on('data', (chunk) => this.#take(chunk as Buffer));
    const lost = () => {
      if (this.#socket === socket) this.#socket = undefined;
      this.#finish(0, Buffer.alloc(0));
    };
    socket.on('error', () => socket.destroy());
    socket.on('close', lost);
    return socket;
  }

  #take(chunk: Buffer): void {
    this.#received.push(chunk);
    this.#size += chunk.length;
    if (this.#headEnd < 0) {
      const head = this.#received.length === 1 ? chunk : Buffer.concat(this.#received);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.#headEnd = end + 4;
      this.#status = Number(head.toString('latin1', 9, 12));
      const match = /content-length: *([0-9]+)/i.exec(head.toString('latin1', 0, end));
      this.#needed = this.#headEnd + Number(match?.[1] ?? 0);
    }
    if (this.#size < this.#needed) return;
    const whole: Buffer = this.#received.length === 1 ? (this.#received[0] as Buffer) : Buffer.concat(this.#received);
    this.#finish(this.#status, whole.subarray(this.#headEnd, this.#needed));
  }

  #finish(status: number, body: Buffer): void {
    const done = this.#done;
    this.#done = undefined;
    this.#received = [];
    this.#size = 0;
    this.#headEnd = -1;
    this.#needed = 0;
    done?.(status, body);
  }
}
