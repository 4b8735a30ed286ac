import type { Queryable } from '../db/database.ts';
import { type Statement, sql } from '../db/sql.ts';
import type { AuditEntry } from './entry.ts';

/** Inserts a writer's next entries; one statement whatever their number. */
export function insertEntries(entries: readonly AuditEntry[]): Statement {
  const rows = JSON.stringify(
    entries.map((entry) => ({
      n: entry.nhsNumber,
      a: new Date(entry.at).toISOString(),
      s: entry.seq,
      o: entry.operation,
      r: entry.outcome,
      c: entry.status,
      m: entry.mode,
      p: entry.appId,
      g: entry.odsCode,
      u: entry.userId,
      l: entry.roleId,
      w: entry.purpose,
      q: entry.requestId,
      h: entry.hash.toString('hex'),
    })),
  );
  return sql`
    insert into audit.entry (nhs_number, at, writer, seq, operation, outcome, status, mode, app_id, ods_code, user_id,
                             role_id, purpose, request_id, hash)
    select n, a, ${entries[0]?.writer ?? ''}::uuid, s, o, r, c, m, p, g, u, l, w, q, decode(h, 'hex')
      from json_to_recordset(${rows}::json)
        as t(n text, a timestamptz, s bigint, o text, r text, c int, m text, p text, g text, u text, l text, w text, q text, h text)`;
}

export function insertWriter(writer: string, instance: string, startedAt: number): Statement {
  return sql`
    insert into audit.writer (writer, instance, started_at) values (${writer}::uuid, ${instance}, ${new Date(startedAt)})`;
}

export type SealRow = {
  writer: string;
  seq: number;
  hash: Buffer;
  sealed_at: Date;
  previous: Buffer;
  key_id: string;
  signature: Buffer;
};

export function insertSeal(seal: SealRow): Statement {
  return sql`
    insert into audit.seal (writer, seq, hash, sealed_at, previous, key_id, signature)
    values (${seal.writer}::uuid, ${seal.seq}, ${seal.hash}, ${seal.sealed_at}, ${seal.previous}, ${seal.key_id}, ${seal.signature})
    on conflict (writer, seq) do nothing`;
}

export function sealsOf(db: Queryable, writer: string): Promise<SealRow[]> {
  return db.query<SealRow>(
    sql`select writer::text, seq, hash, sealed_at, previous, key_id, signature from audit.seal where writer = ${writer}::uuid order by seq`,
  );
}

export function writers(db: Queryable): Promise<{ writer: string; started_at: Date }[]> {
  return db.query(sql`select writer::text, started_at from audit.writer order by started_at, writer`);
}

/** Writers of an installation whose process has not said that it ended. */
export async function openWriters(db: Queryable, instance: string): Promise<string[]> {
  const rows = await db.query<{ writer: string }>(
    sql`select writer::text from audit.writer where ended_at is null and instance = ${instance}`,
  );
  return rows.map((row) => row.writer);
}

/** The last entry of a chain. */
export async function chainEnd(db: Queryable, writer: string): Promise<{ seq: number; hash: Buffer } | undefined> {
  const [row] = await db.query<{ seq: number; hash: Buffer }>(
    sql`select seq, hash from audit.entry where writer = ${writer}::uuid order by seq desc limit 1`,
  );
  return row;
}

export function endWriter(writer: string, endedAt: number): Statement {
  return sql`update audit.writer set ended_at = ${new Date(endedAt)} where writer = ${writer}::uuid`;
}

/** Writers named by entries or seals that have no row of their own: a sign of tampering. */
export function strangers(db: Queryable): Promise<{ writer: string }[]> {
  return db.query(sql`
    select distinct writer::text from (select writer from audit.entry union all select writer from audit.seal) t
     where not exists (select from audit.writer w where w.writer = t.writer)`);
}

type EntryRow = {
  nhs_number: string;
  at: Date;
  writer: string;
  seq: number;
  operation: string;
  outcome: string;
  status: number;
  mode: string;
  app_id: string;
  ods_code: string;
  user_id: string;
  role_id: string;
  purpose: string;
  request_id: string;
  hash: Buffer;
};

const toEntry = (row: EntryRow): AuditEntry => ({
  nhsNumber: row.nhs_number,
  at: row.at.getTime(),
  writer: row.writer,
  seq: row.seq,
  operation: row.operation,
  outcome: row.outcome,
  status: row.status,
  mode: row.mode,
  appId: row.app_id,
  odsCode: row.ods_code,
  userId: row.user_id,
  roleId: row.role_id,
  purpose: row.purpose,
  requestId: row.request_id,
  hash: row.hash,
});

/** An entry as a follower reads it: what was done, without the proof. */
export type FollowedEntry = Omit<AuditEntry, 'hash' | 'appId' | 'purpose'>;

/** Entries of one chain with higher numbers, in their order. */
export function entriesOfChainAfter(
  db: Queryable,
  writer: string,
  seq: number,
  limit: number,
): Promise<FollowedEntry[]> {
  return db.query<FollowedEntry>(sql`
    select nhs_number as "nhsNumber", (extract(epoch from at) * 1000)::float8 as at, writer::text, seq, operation, outcome,
           status, mode, ods_code as "odsCode", user_id as "userId", role_id as "roleId", request_id as "requestId"
      from audit.entry e where writer = ${writer}::uuid and seq > ${seq} order by seq limit ${limit}`);
}

/** Every entry in the order of the chains, in pages fetched through a cursor, so memory stays small. */
export async function* entriesByChain(
  client: { query(text: string): Promise<{ rows: unknown[] }> },
  pageSize = 2000,
): AsyncGenerator<AuditEntry[]> {
  await client.query('begin read only');
  try {
    await client.query(
      `declare chain no scroll cursor for
         select nhs_number, at, writer::text, seq, operation, outcome, status, mode, app_id, ods_code, user_id, role_id,
                purpose, request_id, hash
           from audit.entry order by entry.writer, entry.seq`,
    );
    for (;;) {
      const { rows } = await client.query(`fetch ${pageSize} from chain`);
      if (rows.length === 0) return;
      yield (rows as EntryRow[]).map(toEntry);
    }
  } finally {
    await client.query('rollback');
  }
}

export type AuditSearch = {
  readonly nhsNumber?: string | undefined;
  readonly userId?: string | undefined;
  readonly odsCode?: string | undefined;
  readonly appId?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Only entries before this one, in the order of the answer. */
  readonly before?: { at: number; writer: string; seq: number } | undefined;
  readonly limit: number;
};

/** How far back a search without a patient looks at first, and how many times further each time after that. */
const firstWindowMillis = 600_000;
const timesFurther = 12;
const mostWindows = 4;

/**
 * Entries newest first, by patient (by their key) or, for a privacy officer, by who and when: then the latest ten minutes are
 * looked through, and only where they have too few those before them, further and further, so that what is there often is
 * found without reading all there is. `now` in milliseconds.
 */
export async function searchEntries(db: Queryable, search: AuditSearch, now: number): Promise<AuditEntry[]> {
  if (search.nhsNumber !== undefined) return entriesWithin(db, search);
  const latest = Math.min(search.before?.at ?? now, search.to ?? now, now);
  const earliest = search.from ?? Number.NEGATIVE_INFINITY;
  const found: AuditEntry[] = [];
  let to = search.to;
  let back = firstWindowMillis;
  for (let window = 0; found.length < search.limit; window++, back *= timesFurther) {
    const isLast = window === mostWindows || latest - back <= earliest;
    const from = isLast ? search.from : Math.floor(latest - back);
    found.push(...(await entriesWithin(db, { ...search, from, to, limit: search.limit - found.length })));
    if (isLast) break;
    to = from;
  }
  return found;
}

async function entriesWithin(db: Queryable, search: AuditSearch): Promise<AuditEntry[]> {
  const before = search.before;
  const rows = await db.query<EntryRow>(sql`
    select nhs_number, at, writer::text, seq, operation, outcome, status, mode, app_id, ods_code, user_id, role_id, purpose,
           request_id, hash
      from audit.entry
     where (${search.nhsNumber ?? null}::text is null or nhs_number = ${search.nhsNumber ?? null}::text collate "C")
       and (${search.userId ?? null}::text is null or user_id = ${search.userId ?? null}::text)
       and (${search.odsCode ?? null}::text is null or ods_code = ${search.odsCode ?? null}::text)
       and (${search.appId ?? null}::text is null or app_id = ${search.appId ?? null}::text)
       and (${search.from === undefined ? null : new Date(search.from)}::timestamptz is null or at >= ${search.from === undefined ? null : new Date(search.from)}::timestamptz)
       and (${search.to === undefined ? null : new Date(search.to)}::timestamptz is null or at < ${search.to === undefined ? null : new Date(search.to)}::timestamptz)
       and (${before ? new Date(before.at) : null}::timestamptz is null
            or (at, writer, seq) < (${before ? new Date(before.at) : null}::timestamptz, ${before?.writer ?? null}::uuid, ${before?.seq ?? null}::bigint))
     order by at desc, entry.writer desc, seq desc
     limit ${search.limit}`);
  return rows.map(toEntry);
}
