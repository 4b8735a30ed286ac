import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Command, Io } from './command.ts';
import { check } from './mesh/check.ts';
import { usualChunkBytes } from './mesh/chunks.ts';
import { fetchMessage, type Received } from './mesh/fetch.ts';
import { fetchAll } from './mesh/fetch-all.ts';
import { exchange, type FolderParts, keepExchanging, makeFolders } from './mesh/folder/folder-client.ts';
import { help } from './mesh/help.ts';
import { forget } from './mesh/kept-state.ts';
import { listWaiting } from './mesh/list.ts';
import { idPattern } from './mesh/mesh-mailbox.ts';
import { aloneIn } from './mesh/one-at-a-time.ts';
import { aboutOf, lineOf } from './mesh/received.ts';
import { patiently } from './mesh/retries.ts';
import { sendFile } from './mesh/send.ts';
import { planOf, sendOptions } from './mesh/send-plan.ts';
import { type Client, clientOf, commonOptions, wholeOf } from './mesh/settings.ts';
import { trackAll } from './mesh/track.ts';
import { Failure, Interrupted, isOfFiles, OutcomeUnknown, Refusal, Untrusted, UsageError } from './mesh/trouble.ts';
import { keepFetching } from './mesh/watch.ts';

/** `openspine mesh`: sends, lists, fetches and tracks messages of any MESH, by hand, on watch, or from folders. */
export const command: Command = {
  name: 'mesh',
  summary: 'send, list, fetch and track messages of a MESH; watch an inbox; exchange by folders',
  help,
  async run([verb, ...args], io) {
    const stop = new AbortController();
    const onSignal = () => stop.abort();
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, onSignal);
    try {
      if (verb === 'send') return await send(args, io, stop.signal);
      if (verb === 'fetch' || verb === 'watch') return await fetch(verb, args, io, stop.signal);
      if (verb === 'folder') return await folder(args, io, stop.signal);
      if (verb === 'list') return await list(args, io, stop.signal);
      if (verb === 'track') return await track(args, io, stop.signal);
      if (verb === 'check') return await checked(args, io, stop.signal);
      throw new UsageError('Write send, fetch, watch, folder, list, track or check; see openspine mesh --help.');
    } catch (error) {
      const told = toldOf(error);
      if (!told) throw error;
      io.err(`openspine mesh: ${told.words}`);
      return told.code;
    } finally {
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, onSignal);
    }
  },
};

function toldOf(error: unknown): { words: string; code: number } | undefined {
  const { message } = error as Error;
  if (error instanceof UsageError) return { words: message, code: 2 };
  if (error instanceof Failure || error instanceof Refusal || error instanceof Untrusted)
    return { words: message, code: 1 };
  if (error instanceof Interrupted) return { words: `${message}; the same command goes on from here`, code: 3 };
  if (error instanceof OutcomeUnknown) {
    const advice = error.isForPerson ? 'find out, and use --again if not' : 'the same command settles it';
    return { words: `${message}; ${advice}`, code: 4 };
  }
  return isOfFiles(error) ? { words: message, code: 1 } : undefined;
}

async function withClient<Result>(
  values: Parameters<typeof clientOf>[0],
  io: Io,
  signal: AbortSignal,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = await clientOf(values, io, signal);
  try {
    return await work(client);
  } finally {
    client.end();
  }
}

async function send(args: string[], io: Io, signal: AbortSignal): Promise<number> {
  const options = { ...commonOptions, ...sendOptions } as const;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  if (positionals.length === 0) throw new UsageError('Name the files to send; see openspine mesh --help.');
  if (positionals.length > 1 && values['local-id'] !== undefined)
    throw new UsageError('--local-id is of one message; send the files one by one.');
  return withClient(values, io, signal, async (client) => {
    const plans = positionals.map((path) => planOf(values, path, client.mailbox.place));
    const offers = await patiently(client.patience, () => client.mailbox.handshake());
    for (const plan of plans) {
      const sent = await sendFile({ ...client, offers }, plan);
      const { messageId, bytes, chunks } = sent;
      if (values.json) io.out(JSON.stringify({ file: plan.path, ...sent }));
      else io.out(`${plan.path}: sent as ${messageId} (${bytes} bytes${chunks > 1 ? ` in ${chunks} chunks` : ''})`);
      await forget(plan.statePath);
    }
    return 0;
  });
}

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

async function fetch(verb: 'fetch' | 'watch', args: string[], io: Io, signal: AbortSignal): Promise<number> {
  const own = { message: text, workflow: text, keep: flag, max: text, every: text } as const;
  const { values, positionals } = parseArgs({ args, options: { ...commonOptions, ...own }, allowPositionals: true });
  const [directory = '.', more] = positionals;
  if (more !== undefined) throw new UsageError('Name one directory.');
  if (verb === 'watch' && values.keep) throw new UsageError('--keep is for fetch: what stays in the inbox never ends.');
  if (values.message !== undefined && !idPattern.test(values.message))
    throw new UsageError(`--message: "${values.message}" cannot be the id of a message.`);
  const isLeft = values.keep === true;
  const landing = { directory: resolve(directory), kind: 'json', about: aboutOf, isLeft } as const;
  const most = wholeOf(values.max, '--max', Number.MAX_SAFE_INTEGER, 1, 999_999_999);
  const every = wholeOf(values.every, '--every', 300, 1, 86_400) * 1000;
  const choice = { workflow: values.workflow, most };
  const show = (received: Received) =>
    io.out(
      values.json
        ? aboutOf(received)
            .replace(/\s*\n\s*/g, ' ')
            .trim()
        : lineOf(received, directory),
    );
  return withClient(values, io, signal, async (client) => {
    await mkdir(landing.directory, { recursive: true });
    return aloneIn(landing.directory, async () => {
      if (verb === 'watch') {
        await keepFetching(client, landing, choice, every, show);
        return 0;
      }
      await patiently(client.patience, () => client.mailbox.handshake());
      if (values.message !== undefined) {
        const received = await fetchMessage(client, landing, values.message);
        if (received) show(received);
        return 0;
      }
      const { failed } = await fetchAll(client, landing, choice, show);
      return failed === 0 ? 0 : 1;
    });
  });
}

async function folder(args: string[], io: Io, signal: AbortSignal): Promise<number> {
  const own = { once: flag, workflow: text, every: text, chunk: text, 'no-checksum': flag, settle: text } as const;
  const { values, positionals } = parseArgs({ args, options: { ...commonOptions, ...own }, allowPositionals: true });
  const [name, more] = positionals;
  if (name === undefined || more !== undefined) throw new UsageError('Write: openspine mesh folder DIRECTORY');
  const every = wholeOf(values.every, '--every', 300, 1, 86_400) * 1000;
  const chunkBytes = wholeOf(values.chunk, '--chunk', usualChunkBytes / 1_048_576, 1, 100) * 1_048_576;
  return withClient(values, io, signal, async (client) => {
    const directory = resolve(name);
    await makeFolders(directory);
    const parts: Omit<FolderParts, 'offers'> = {
      ...client,
      directory,
      chunkBytes,
      isSummed: values['no-checksum'] !== true,
      settleMillis: wholeOf(values.settle, '--settle', 60, 0, 86_400) * 1000,
      workflow: values.workflow,
    };
    return aloneIn(directory, async () => {
      if (!values.once) {
        await keepExchanging(parts, every);
        return 0;
      }
      const offers = await patiently(client.patience, () => client.mailbox.handshake());
      const count = await exchange({ ...parts, offers });
      if (values.json) io.out(JSON.stringify(count));
      else io.out(`${count.sent} sent, ${count.received} received, ${count.failed} failed`);
      return count.failed === 0 ? 0 : 1;
    });
  });
}

async function list(args: string[], io: Io, signal: AbortSignal): Promise<number> {
  const options = { ...commonOptions, workflow: text, max: text, long: flag } as const;
  const { values } = parseArgs({ args, options });
  const most = wholeOf(values.max, '--max', Number.MAX_SAFE_INTEGER, 1, 999_999_999);
  const form = { isLong: values.long === true, isJson: values.json === true };
  return withClient(values, io, signal, async (client) => {
    await patiently(client.patience, () => client.mailbox.handshake());
    await listWaiting(client, { workflow: values.workflow, most }, form, io);
    return 0;
  });
}

async function track(args: string[], io: Io, signal: AbortSignal): Promise<number> {
  const options = { ...commonOptions, 'local-id': flag } as const;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  if (positionals.length === 0) throw new UsageError('Name the messages to track; see openspine mesh --help.');
  const form = { isLocal: values['local-id'] === true, isJson: values.json === true };
  return withClient(values, io, signal, async (client) => {
    await patiently(client.patience, () => client.mailbox.handshake());
    return (await trackAll(client, positionals, form, io)) ? 0 : 1;
  });
}

async function checked(args: string[], io: Io, signal: AbortSignal): Promise<number> {
  const { values } = parseArgs({ args, options: commonOptions });
  return withClient(values, io, signal, async ({ mailbox, settings }) =>
    (await check(mailbox, settings, values.json === true, io)) ? 0 : 1,
  );
}
