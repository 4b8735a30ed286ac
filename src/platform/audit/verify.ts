import type { Database } from '../db/database.ts';
import { type AuditEntry, chainStart, entryHash } from './entry.ts';
import {
  chainEnd,
  endWriter,
  entriesByChain,
  insertSeal,
  openWriters,
  type SealRow,
  sealsOf,
  strangers,
  writers,
} from './queries.ts';
import { isSealGenuine, type Sealer, sealDigest, sealOf } from './seal.ts';

/** One thing wrong with the audit log, in words. */
export type Finding = { readonly writer: string; readonly seq: number; readonly what: string };

export type Verification = {
  readonly entries: number;
  readonly chains: number;
  readonly seals: number;
  /** Entries newer than the last seal of their chain: not yet beyond their writer's reach. */
  readonly unsealed: number;
  readonly findings: readonly Finding[];
};

type Tail = { seq: number; hash: Buffer; hashes: Map<number, Buffer> };

/**
 * Reads the whole log and reports every change, gap, insertion, reordering and truncation: entries against their chain,
 * chains against their seals, seals against the copies kept outside the database.
 */
export async function verifyAudit(
  db: Database,
  sealer: Sealer,
  published: ReadonlyMap<string, { seq: number; hash: string }>,
): Promise<Verification> {
  const findings: Finding[] = [];
  const known = await writers(db);
  const seals = new Map<string, SealRow[]>();
  for (const { writer } of known) seals.set(writer, await sealsOf(db, writer));
  const tails = new Map<string, Tail>();
  let entries = 0;
  await db.withClient(async (client) => {
    for await (const page of entriesByChain(client)) {
      for (const entry of page) checkEntry(entry, tails, seals, findings);
      entries += page.length;
    }
  });
  for (const { writer } of await strangers(db)) findings.push({ writer, seq: 0, what: 'the writer is not registered' });
  let unsealed = 0;
  let sealCount = 0;
  for (const { writer } of known) {
    const tail = tails.get(writer) ?? { seq: 0, hash: chainStart, hashes: new Map() };
    const own = seals.get(writer) ?? [];
    sealCount += own.length;
    findings.push(...checkSeals(writer, own, tail, sealer));
    const last = own.at(-1)?.seq ?? 0;
    unsealed += Math.max(0, tail.seq - last);
  }
  for (const [writer, copy] of published) {
    const own = seals.get(writer)?.find((seal) => seal.seq === copy.seq);
    if (!own) findings.push({ writer, seq: copy.seq, what: 'a published seal is missing from the database' });
    else if (own.hash.toString('hex') !== copy.hash)
      findings.push({ writer, seq: copy.seq, what: 'a seal differs from its published copy' });
  }
  return { entries, chains: known.length, seals: sealCount, unsealed, findings };
}

function checkEntry(
  entry: AuditEntry,
  tails: Map<string, Tail>,
  seals: ReadonlyMap<string, SealRow[]>,
  findings: Finding[],
): void {
  let tail = tails.get(entry.writer);
  if (!tail) {
    tail = { seq: 0, hash: chainStart, hashes: new Map() };
    tails.set(entry.writer, tail);
  }
  if (entry.seq !== tail.seq + 1) {
    findings.push({
      writer: entry.writer,
      seq: entry.seq,
      what:
        entry.seq <= tail.seq ? 'the entry is there twice' : `entries ${tail.seq + 1} to ${entry.seq - 1} are missing`,
    });
  } else if (!entryHash(tail.hash, entry.writer, entry.seq, entry).equals(entry.hash)) {
    findings.push({ writer: entry.writer, seq: entry.seq, what: 'the entry or one before it was changed' });
  }
  tail.seq = entry.seq;
  tail.hash = entry.hash;
  if (seals.get(entry.writer)?.some((seal) => seal.seq === entry.seq)) tail.hashes.set(entry.seq, entry.hash);
}

function checkSeals(writer: string, seals: readonly SealRow[], tail: Tail, sealer: Sealer): Finding[] {
  const findings: Finding[] = [];
  let previous = Buffer.alloc(32);
  for (const seal of seals) {
    const at = (what: string) => findings.push({ writer, seq: seal.seq, what });
    if (!isSealGenuine(seal, sealer)) at('the seal is not signed by our key');
    if (!seal.previous.equals(previous)) at('a seal before this one is missing or changed');
    if (seal.seq > tail.seq) at(`the chain ends at ${tail.seq}, before its seal`);
    else if (!tail.hashes.get(seal.seq)?.equals(seal.hash)) at('the sealed entry is not the one that was sealed');
    previous = Buffer.from(sealDigest(seal));
  }
  return findings;
}

/**
 * Seals the ends of this installation's chains whose process died before it could, so that nothing can be added to them later. Run at start,
 * before entries are written.
 */
export async function sealAbandoned(db: Database, sealer: Sealer, now: number): Promise<number> {
  let sealed = 0;
  for (const writer of await openWriters(db, sealer.instance)) {
    const tail = await chainEnd(db, writer);
    const last = (await sealsOf(db, writer)).at(-1);
    if (tail && tail.seq > (last?.seq ?? 0)) {
      const { row } = sealOf(sealer, {
        writer,
        ...tail,
        previous: last ? sealDigest(last) : Buffer.alloc(32),
        at: now,
      });
      await db.query(insertSeal(row));
      sealer.publish(row);
      sealed++;
    }
    await db.query(endWriter(writer, now));
  }
  return sealed;
}
