import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign,
  verify,
} from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readOrMake } from '../config/kept-file.ts';
import type { SealRow } from './queries.ts';

/** Signs checkpoints, and keeps a copy of each outside the database. */
export type Sealer = {
  readonly keyId: string;
  readonly privateKey: KeyObject;
  /** The installation (data directory) that signs; several may share a database, and a key. */
  readonly instance: string;
  /** Keeps a copy where the database's owner cannot reach it unnoticed. */
  publish(seal: SealRow): void;
};

const copies = 'audit-seals.jsonl';
const keyFile = 'audit-key.pem';
const instanceFile = 'instance-id';

/** The sealer whose Ed25519 key and name (made once) and copies of seals are in `directory`. */
export function sealerIn(directory: string): Sealer {
  const privateKey = createPrivateKey(
    readOrMake(join(directory, keyFile), () =>
      generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    ),
  );
  return {
    keyId: keyIdOf(createPublicKey(privateKey)),
    privateKey,
    instance: readOrMake(join(directory, instanceFile), () => `${randomUUID()}\n`).trim(),
    publish: (seal) =>
      appendFileSync(
        join(directory, copies),
        `${JSON.stringify({ writer: seal.writer, seq: seal.seq, hash: seal.hash.toString('hex'), signature: seal.signature.toString('hex') })}\n`,
      ),
  };
}

/** The copies of seals kept outside the database: the highest sealed entry of each writer. */
export function publishedSeals(directory: string): Map<string, { seq: number; hash: string }> {
  const highest = new Map<string, { seq: number; hash: string }>();
  const file = join(directory, copies);
  if (!existsSync(file)) return highest;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line === '') continue;
    try {
      const { writer, seq, hash } = JSON.parse(line) as { writer: string; seq: number; hash: string };
      if ((highest.get(writer)?.seq ?? 0) < seq) highest.set(writer, { seq, hash });
    } catch {
      // a line cut short by a crash says nothing
    }
  }
  return highest;
}

function keyIdOf(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);
}

const sealText = (seal: Omit<SealRow, 'signature'>) =>
  JSON.stringify([
    seal.writer,
    seal.seq,
    seal.hash.toString('hex'),
    seal.sealed_at.toISOString(),
    seal.previous.toString('hex'),
    seal.key_id,
  ]);

/** A signed seal and the digest the next seal of the chain names as its predecessor. */
export function sealOf(
  sealer: Sealer,
  at: { writer: string; seq: number; hash: Buffer; previous: Buffer; at: number },
): { row: SealRow; digest: Buffer } {
  const unsigned = {
    writer: at.writer,
    seq: at.seq,
    hash: at.hash,
    sealed_at: new Date(at.at),
    previous: at.previous,
    key_id: sealer.keyId,
  };
  const text = sealText(unsigned);
  return {
    row: { ...unsigned, signature: sign(null, Buffer.from(text), sealer.privateKey) },
    digest: sealDigest(unsigned),
  };
}

export function sealDigest(seal: Omit<SealRow, 'signature'>): Buffer {
  return createHash('sha256').update(sealText(seal)).digest();
}

/** True when the seal was signed by this key. */
export function isSealGenuine(seal: SealRow, sealer: Sealer): boolean {
  return (
    seal.key_id === sealer.keyId &&
    verify(null, Buffer.from(sealText(seal)), createPublicKey(sealer.privateKey), seal.signature)
  );
}
