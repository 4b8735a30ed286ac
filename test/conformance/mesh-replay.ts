import { request } from 'node:http';
import { meshToken } from '../support/mesh.ts';

/** A published exchange: what was asked, and what was answered. */
export type Exchange = {
  readonly name: string;
  readonly note?: string;
  readonly request: Wire & { readonly method: string; readonly path: string };
  readonly response: Wire & { readonly status: number };
};
type Wire = { readonly headers: Readonly<Record<string, string>>; readonly body: unknown };
type Answered = { readonly status: number; readonly headers: Record<string, string>; readonly bytes: Buffer };

/** Sends exactly these headers: nothing is added, nothing decompressed. */
function ask(
  url: string,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const length = method === 'GET' || method === 'HEAD' ? {} : { 'content-length': String(body.length) };
    const outgoing = request(url + path, { method, headers: { ...headers, ...length } }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers as Record<string, string>,
          bytes: Buffer.concat(pieces),
        }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const bytesOf = (body: unknown): Buffer => {
  if (isObject(body) && typeof body.base64 === 'string') return Buffer.from(body.base64, 'base64');
  return Buffer.from(isObject(body) ? JSON.stringify(body) : String(body ?? ''));
};

const unchecked = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding']);
const ourId = /^\d{20}_[0-9A-F]{6}$/;
const theirId = /^[0-9A-F]{32}$/;

/** What stands for what: published ids and places in lists, and ours, learned as they come by. */
export class Replay {
  readonly #url: string;
  readonly #ours = new Map<string, string>();
  #times: { readonly got: number; readonly wanted: number }[] = [];

  constructor(url: string) {
    this.#url = url;
  }

  /** Replays one exchange, with another password where one is given; where its answer differs from the published one. */
  async differences({ note, request: asked, response: wanted }: Exchange, password?: string): Promise<string[]> {
    this.#times = [];
    const headers = Object.fromEntries(
      Object.entries(asked.headers).map(([name, value]) => [
        name,
        name === 'Authorization' ? renewed(value, password) : value,
      ]),
    );
    const body = bytesOf(isObject(asked.body) ? this.#translated(asked.body) : asked.body);
    const got = await ask(this.#url, asked.method, this.#inOurs(asked.path), headers, body);
    const found: string[] = [];
    if (got.status !== wanted.status) found.push(`status: wanted ${wanted.status}, got ${got.status}`);
    this.#compareBody(found, got, wanted.body, asked.method, note !== undefined);
    this.#compareHeaders(found, got.headers, wanted.headers);
    const length = Number(got.headers['content-length']);
    if (asked.method !== 'HEAD' && length !== got.bytes.length) found.push(`content-length ${length}`);
    this.#compareTimes(found);
    return found.map((one) => one.replaceAll(/\d{20}_[0-9A-F]{6}/g, '<id>'));
  }

  #compareBody(found: string[], got: Answered, wanted: unknown, method: string, isShortened: boolean): void {
    if (method === 'HEAD') return;
    const isJson = isObject(wanted) && !('base64' in wanted);
    if (!isJson) {
      if (!got.bytes.equals(bytesOf(wanted))) found.push(`body: got ${got.bytes.toString('utf8').slice(0, 200)}`);
      return;
    }
    const text = got.bytes.toString('utf8');
    const given: unknown = JSON.parse(text);
    if (text !== JSON.stringify(given)) found.push('body: blanks between its parts');
    this.#compare(found, given, wanted, '', isShortened);
  }

  #compare(found: string[], got: unknown, wanted: unknown, path: string, isShortened: boolean): void {
    if (Array.isArray(wanted) && Array.isArray(got)) {
      if (isShortened ? got.length < wanted.length : got.length !== wanted.length)
        found.push(`${path}: wanted ${wanted.length}, got ${got.length}`);
      for (const [index, one] of wanted.entries())
        this.#compare(found, got[index], one, `${path}/${index}`, isShortened);
    } else if (isObject(wanted) && isObject(got)) {
      // in the published order, too: a reader may compare texts
      if (Object.keys(wanted).join() !== Object.keys(got).join())
        found.push(`${path}: wanted ${Object.keys(wanted)}, got ${Object.keys(got)}`);
      for (const [name, value] of Object.entries(wanted))
        this.#compare(found, got[name], value, `${path}/${name}`, isShortened);
    } else if (!this.#isSame(got, wanted)) found.push(`${path}: wanted ${wanted}, got ${got}`);
  }

  #compareHeaders(found: string[], got: Record<string, string>, wanted: Readonly<Record<string, string>>): void {
    const names = new Set([...Object.keys(wanted), ...Object.keys(got)].filter((name) => !unchecked.has(name)));
    for (const name of names) {
      if (name === 'content-length' && wanted[name] !== '0') continue;
      if (!this.#isSame(got[name], wanted[name])) found.push(`${name}: wanted ${wanted[name]}, got ${got[name]}`);
    }
  }

  /** The times of an answer are as far from each other as in the published one, but for what a replay takes. */
  #compareTimes(found: string[]): void {
    const [first] = this.#times;
    for (const { got, wanted } of this.#times) {
      const [span, published] = [got - (first?.got ?? 0), wanted - (first?.wanted ?? 0)];
      if (Math.abs(span - published) > 120_000) found.push(`times: wanted ${published} ms apart, got ${span}`);
    }
  }

  #isSame(got: unknown, wanted: unknown): boolean {
    if (typeof got !== 'string' || typeof wanted !== 'string') return got === wanted;
    const [gotTimes, wantedTimes] = [timesIn(got), timesIn(wanted)];
    if (gotTimes.length === wantedTimes.length)
      this.#times.push(...gotTimes.map((time, index) => ({ got: time, wanted: wantedTimes[index] as number })));
    if (got === wanted) return true;
    if (shapeOf(got) === shapeOf(wanted) && shapeOf(got) !== got) return true;
    const known = this.#ours.get(wanted);
    if (known !== undefined) return known === got;
    if (theirId.test(wanted) && ourId.test(got)) {
      // no id of ours stands for two of theirs
      if ([...this.#ours.values()].includes(got)) return false;
      this.#ours.set(wanted, got);
      return true;
    }
    if (/^[0-9A-F]{32}\.dat$/.test(wanted)) return this.#isSame(got.replace('.dat', ''), wanted.replace('.dat', ''));
    // links: the same but for times and for an opaque place
    const [ownPlace, theirPlace] = [placeIn(got), placeIn(wanted)];
    if (ownPlace === undefined || theirPlace === undefined) return timeless(got) === timeless(wanted) && got !== '';
    this.#ours.set(theirPlace, ownPlace);
    return timeless(got.replace(ownPlace, '')) === timeless(wanted.replace(theirPlace, ''));
  }

  #translated(value: unknown): unknown {
    return JSON.parse(this.#inOurs(JSON.stringify(value)));
  }

  #inOurs(text: string): string {
    let result = text;
    for (const [theirs, ours] of this.#ours) result = result.replaceAll(theirs, ours);
    return result;
  }
}

const placeIn = (link: string) => /continue_from=([^&]+)/.exec(link)?.[1];
const timeless = (text: string) =>
  text.replaceAll(/\d{4}-\d\d-\d\d(\+|T| )\d\d(%3A|:)\d\d(%3A|:)\d\d\.\d{6}/g, '<time>');

/** A time or a random id as its form only. */
function shapeOf(text: string): string {
  if (/^\d{14}$/.test(text)) return '<yyyyMMddHHmmss>';
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/.test(text)) return '<iso>';
  if (/^[0-9a-f]{32}$/.test(text)) return '<random>';
  return /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d UTC$/.test(text) ? '<http date>' : text;
}

/** The instants in a text: of itself, or of a link. */
function timesIn(text: string): number[] {
  const compact = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text)?.slice(1).map(Number) as
    | [number, number, number, number, number, number]
    | undefined;
  if (compact) return [Date.UTC(compact[0], compact[1] - 1, ...(compact.slice(2) as [number, number, number, number]))];
  if (shapeOf(text) === '<http date>') return [Date.parse(text.replace('UTC', 'GMT'))];
  const found = text.replaceAll('%3A', ':').matchAll(/(\d{4}-\d\d-\d\d)[T +](\d\d:\d\d:\d\d\.\d{3})\d{3}/g);
  return [...found].map(([, day, time]) => Date.parse(`${day}T${time}Z`));
}

/** The header made anew, for now and never used before; wrong where the published one was wrong. */
function renewed(authorization: string, password = 'password'): string {
  const parts = authorization.replace('NHSMESH ', '').split(':');
  return parts.length === 5
    ? meshToken(parts[0] as string, { nonceCount: parts[2] as string, password })
    : authorization;
}
