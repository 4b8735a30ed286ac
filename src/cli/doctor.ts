import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Config, readConfig } from '../platform/config/config.ts';
import { Database } from '../platform/db/database.ts';
import { findEmbedded } from '../platform/db/embedded.ts';
import { programsFor } from '../platform/db/server-files.ts';
import { ObjectStorage } from '../platform/http/object-storage.ts';
import { checkClock, checkDatabase, notDurable } from '../process/check-database.ts';
import { holderOf } from '../process/instance-lock.ts';
import { checkDataDirectory, checkDisk, checkPort, databaseHome, freeBytes } from '../process/preflight.ts';
import type { Command } from './command.ts';

const help = `openspine doctor: check what a Spine needs on this machine; each line says ok, or what to do

  --json   write the checks as JSON

The exit code is 1 when a check is not ok.

Example:
  openspine doctor`;

/** One check: what was looked at, whether it is well, what was found or what to do. */
type Check = { readonly name: string; readonly ok: boolean; readonly says: string };

/** `openspine doctor`: checks Node, settings, data directory, disk, port, database and clock; changes nothing. */
export const command: Command = {
  name: 'doctor',
  summary: 'check what a Spine needs on this machine',
  help,
  async run(args, io) {
    const { values } = parseArgs({ args, options: { json: { type: 'boolean' } } });
    const checks: Check[] = [];
    const check = async (name: string, look: () => string | Promise<string>): Promise<boolean> => {
      try {
        checks.push({ name, ok: true, says: await look() });
        return true;
      } catch (error) {
        checks.push({ name, ok: false, says: (error as Error).message });
        return false;
      }
    };
    await check('node', node);
    let config: Config | undefined;
    await check('settings', () => {
      config = readConfig(io.env);
      return `${config.mode} mode`;
    });
    if (config) await checkSurroundings(config, check);
    if (values.json) io.out(JSON.stringify({ ok: checks.every(({ ok }) => ok), checks }));
    else for (const { name, ok, says } of checks) io.out(`${ok ? 'ok    ' : 'not ok'}  ${name.padEnd(14)} ${says}`);
    return checks.every(({ ok }) => ok) ? 0 : 1;
  },
};

function node(): string {
  if (Number(process.versions.node.split('.')[0]) < 26)
    throw new Error(`Node ${process.versions.node} is too old; run it as npm start or through bin/openspine.`);
  return `Node ${process.versions.node} on ${process.platform} ${process.arch}`;
}

async function checkSurroundings(
  config: Config,
  check: (name: string, look: () => string | Promise<string>) => Promise<boolean>,
): Promise<void> {
  const { dataDirectory, databaseUrl, port, host } = config;
  await check('data directory', () => {
    if (existsSync(dataDirectory)) checkDataDirectory(dataDirectory);
    return existsSync(dataDirectory) ? dataDirectory : `${dataDirectory} (not made yet)`;
  });
  await check('disk', () => {
    const home = databaseUrl === undefined ? databaseHome(dataDirectory) : dataDirectory;
    checkDisk([dataDirectory, home]);
    return `${Math.floor(freeBytes(home) / 2 ** 30)} GB free for ${home}`;
  });
  await check('keys', () => {
    const file = join(dataDirectory, 'audit-key.pem');
    if (!existsSync(file)) return 'none yet';
    if ((statSync(file).mode & 0o077) !== 0) throw new Error(`${file} can be read by others; chmod 600 it.`);
    return 'readable by this user only';
  });
  const holder = holderOf(dataDirectory);
  await check('port', async () => {
    if (holder !== undefined) return `an OpenSpine runs here (process ${holder})`;
    await checkPort(port, host);
    return `${host} port ${port} is free`;
  });
  const { objectStore } = config.mesh;
  if (objectStore && config.services.includes('mesh'))
    await check('payload store', async () => {
      // one listing: address, bucket, credentials and clock in one
      for await (const _ of new ObjectStorage({ ...objectStore, wall: Date.now }).list('')) break;
      return objectStore.url;
    });
  const url = databaseUrl ?? findEmbedded(dataDirectory)?.url;
  if (url === undefined) {
    await check('database', () => `embedded, not running; its programs are in ${programsFor(undefined)}`);
    return;
  }
  const db = new Database({ url, lanes: 1, transactions: 1 });
  try {
    if (await check('database', () => durableDatabase(db))) await check('clock', () => checkClock(db, Date.now));
  } finally {
    await db.close();
  }
}

async function durableDatabase(db: Database): Promise<string> {
  const { version, isDurable } = await checkDatabase(db);
  if (!isDurable) throw new Error(notDurable(version));
  return `${version}, durable`;
}
