import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { Connection } from './http-client.ts';

type Mail = { readonly host: string; readonly port: number; readonly mailboxes: readonly string[] };

/** The steps of a message's life, as its sender and its recipient take them. */
export const steps = ['send', 'list', 'download', 'acknowledge'] as const;
type Step = (typeof steps)[number];

/** Milliseconds of each step that was counted, the ends of whole lives, and what was not as it should be. */
type Lives = {
  readonly millis: Readonly<Record<Step, number[]>>;
  readonly whole: number[];
  readonly endedAt: number[];
  readonly errors: string[];
};

const password = 'password';
const sharedKey = 'TestKey';

/** An Authorization header, good once (contract, section 2). */
function tokenOf(mailboxId: string): string {
  const timestamp = new Date().toISOString().slice(0, 16).replaceAll(/[-T:]/g, '');
  const said = `${mailboxId}:${randomUUID()}:1`;
  const hash = createHmac('sha256', sharedKey).update(`${said}:${password}:${timestamp}`).digest('hex');
  return `NHSMESH ${said}:${timestamp}:${hash}`;
}

/** The head of a request of a mailbox. */
export function headOf(method: string, mailboxId: string, path: string, more = ''): string {
  return `${method} /messageexchange/${mailboxId}${path} HTTP/1.1\r\nHost: bench\r\nAuthorization: ${tokenOf(mailboxId)}\r\n${more}\r\n`;
}

/** The head of a first POST with a body of so many bytes. */
export function sendHead(
  from: string,
  to: string,
  bytes: number,
  { more = '', workflow = 'BENCH' }: { more?: string; workflow?: string } = {},
): string {
  const said = `Mex-To: ${to}\r\nMex-WorkflowID: ${workflow}\r\nMex-LocalID: ${randomUUID()}\r\nMex-Subject: a result\r\n`;
  return headOf('POST', from, '/outbox', `${said}${more}Content-Length: ${bytes}\r\n`);
}

/** One request and its answer. */
export function ask(connection: Connection, bytes: Buffer | string): Promise<{ status: number; body: Buffer }> {
  return new Promise((resolve) => connection.send(bytes, (status, body) => resolve({ status, body })));
}

/** A payload that no compression makes smaller. */
export const payloadOf = (bytes: number): Buffer => randomBytes(bytes);

/**
 * So many senders, each with a connection and its own share of the mailboxes: sends to the next mailbox of its share, lists
 * that inbox, downloads what it finds there, compares it with what was sent, and acknowledges it.
 */
export async function driveLives(
  { host, port, mailboxes }: Mail,
  plan: { senders: number; bytes: number; countFrom: number; end: number },
): Promise<Lives> {
  const millis: Record<Step, number[]> = { send: [], list: [], download: [], acknowledge: [] };
  const lives: Lives = { millis, whole: [], endedAt: [], errors: [] };
  const payload = payloadOf(plan.bytes);
  const wrong = (step: Step, { status, body }: { status: number; body: Buffer }) => {
    if (lives.errors.length < 5) lives.errors.push(`${step}: ${status} ${body.toString('utf8', 0, 200)}`);
    return new Promise<void>((done) => setTimeout(done, 100));
  };
  const sender = async (index: number) => {
    const connection = new Connection(host, port);
    const share = mailboxes.filter((_, at) => at % plan.senders === index);
    const timed = async (step: Step, bytes: Buffer | string) => {
      const began = performance.now();
      const answer = await ask(connection, bytes);
      if (began >= plan.countFrom) lives.millis[step].push(performance.now() - began);
      return answer;
    };
    for (let count = 0; performance.now() < plan.end; count++) {
      const to = share[count % share.length] as string;
      const from = share[(count + 1) % share.length] as string;
      const began = performance.now();
      const sent = await timed('send', Buffer.concat([Buffer.from(sendHead(from, to, plan.bytes)), payload]));
      if (sent.status !== 202) {
        await wrong('send', sent);
        continue;
      }
      const listed = await timed('list', headOf('GET', to, '/inbox'));
      const { messageID } = JSON.parse(sent.body.toString()) as { messageID: string };
      if (listed.status !== 200 || !listed.body.includes(messageID)) await wrong('list', listed);
      const got = await timed('download', headOf('GET', to, `/inbox/${messageID}`));
      if (got.status !== 200 || !got.body.equals(payload)) await wrong('download', got);
      const path = `/inbox/${messageID}/status/acknowledged`;
      const done = await timed('acknowledge', headOf('PUT', to, path, 'Content-Length: 0\r\n'));
      if (done.status !== 200) await wrong('acknowledge', done);
      const now = performance.now();
      if (began >= plan.countFrom && now <= plan.end) {
        lives.whole.push(now - began);
        lives.endedAt.push(now);
      }
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: plan.senders }, (_, index) => sender(index)));
  return lives;
}
