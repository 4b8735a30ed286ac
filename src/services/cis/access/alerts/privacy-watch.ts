import { type ChainPiece, moveFollower, OvertakenError, unreadPieces } from '../../../../platform/audit/follow.ts';
import type { FollowedEntry } from '../../../../platform/audit/queries.ts';
import type { Clock } from '../../../../platform/clock/clock.ts';
import type { Database, Queryable } from '../../../../platform/db/database.ts';
import { LeasedWorker, type OnTrouble } from '../../../../platform/jobs/leased-worker.ts';
import { dayOf } from '../../../../platform/nhs/dates.ts';
import type { Demographics } from '../legitimate-access.ts';
import {
  forgetLookUpsOf,
  forgetOldLookUps,
  keepLookUps,
  lookUpsOf,
  membershipsOf,
  personsLookedFor,
  staffWhoArePatients,
} from './queries-watch.ts';
import { raiseAlertIn, type Suspicion } from './raise-alert.ts';
import {
  type Access,
  countLookUps,
  type LookUps,
  type PatientFacts,
  suspicionsOf,
  type UserFacts,
} from './suspicions.ts';

export type WatchParts = {
  readonly db: Database;
  readonly clock: Clock;
  readonly demographics: Demographics;
  /** More different patients than this in an hour raise an alert about the user. */
  readonly massLookUps: number;
};

const consumer = 'privacy-watch';
const everyMillis = 1000;
const leaseMillis = 3000;
/** Entries of one chain taken in one round. */
const roundSize = 2000;
const hour = 3_600_000;

/** The operation by which systems that keep records themselves ask; other work on access is no look at a record. */
const decision = 'access.decide';

/**
 * Follows the audit and raises alerts for accesses that look wrong. One process does it, the one that holds the lease;
 * each round moves the place in the audit and raises its alerts in one transaction, so that none is lost or doubled
 * whenever a process ends, and whoever else may have read the same entries.
 */
export class PrivacyWatch {
  readonly #parts: WatchParts;
  readonly #worker: LeasedWorker;

  constructor(parts: WatchParts) {
    this.#parts = parts;
    this.#worker = new LeasedWorker({
      db: parts.db,
      clock: parts.clock,
      lease: consumer,
      leaseMillis,
      everyMillis,
      round: async (goesOn) => {
        while ((await goesOn()) && (await this.round()));
      },
    });
  }

  /** `onTrouble` is told when it cannot go on, once until it can again; nothing is passed over in the meantime. */
  start(onTrouble: OnTrouble): void {
    this.#worker.start(onTrouble);
  }

  /** Waits for the round under way. */
  stop(): Promise<void> {
    return this.#worker.stop();
  }

  /** Deals with what is unread now, a piece of each chain; false when there was nothing. */
  async round(): Promise<boolean> {
    const { db, clock } = this.#parts;
    const pieces = await unreadPieces(db, consumer, roundSize);
    if (pieces.length === 0) return false;
    const accesses = pieces
      .flatMap((piece) => piece.entries.filter(isWatched).map(accessIn))
      .sort((one, other) => one.at - other.at);
    const suspicions = await this.#suspicions(accesses);
    try {
      await db.transaction((tx) => this.#settle(tx, pieces, accesses, suspicions, clock.now()));
    } catch (error) {
      if (!(error instanceof OvertakenError)) throw error;
    }
    return true;
  }

  /** One transaction: the place in the audit, the counts of look-ups, the alerts. */
  async #settle(
    tx: Queryable,
    pieces: readonly ChainPiece[],
    accesses: readonly Access[],
    suspicions: readonly Suspicion[],
    now: number,
  ): Promise<void> {
    for (const piece of pieces) await moveFollower(tx, consumer, piece, now);
    const tooMany = await this.#countIn(tx, accesses);
    for (const suspicion of [...suspicions, ...(await this.#addressed(tooMany))])
      await raiseAlertIn(tx, suspicion, now);
  }

  async #suspicions(accesses: readonly Access[]): Promise<Suspicion[]> {
    if (accesses.length === 0) return [];
    const { db, demographics } = this.#parts;
    const userIds = [...new Set(accesses.map((access) => access.userId))];
    const numbers = [...new Set(accesses.map((access) => access.nhsNumber))];
    const [persons, staff] = await Promise.all([personsLookedFor(db, userIds), staffWhoArePatients(db, numbers)]);
    const users = new Map<string, UserFacts>(
      persons.map((row) => [
        row.user_id,
        { familyName: row.family_name, postcode: row.postcode ?? undefined, nhsNumber: row.nhs_number ?? undefined },
      ]),
    );
    // PDS is asked only where there is something to compare with
    const compared = accesses.filter((access) => users.has(access.userId)).map((access) => access.nhsNumber);
    const latest = accesses.at(-1) as Access;
    const facts = await demographics([...new Set(compared)], dayOf(latest.at));
    const asStaff = Map.groupBy(staff, (row) => row.nhs_number);
    const suspicions = accesses.flatMap((access) => {
      const known = facts.get(access.nhsNumber);
      const patient: PatientFacts = {
        familyNames: known?.familyNames ?? [],
        postcodes: known?.postcodes ?? [],
        isRestricted: known !== undefined && known.confidentiality !== 'U',
        asStaff: (asStaff.get(access.nhsNumber) ?? []).map((row) => ({ userId: row.user_id, odsCodes: row.ods_codes })),
      };
      return suspicionsOf(access, users.get(access.userId), patient).map((code) => ({ code, access }));
    });
    return this.#addressed(suspicions);
  }

  /**
   * To whose officers: the organisation of the role. One that no role proves, or to which a user of our directory never
   * belonged, is what the caller said; the alert then goes to the patient's practice, so that nobody can send it where a
   * friend reads it.
   */
  async #addressed(suspicions: readonly Suspicion[]): Promise<Suspicion[]> {
    if (suspicions.length === 0) return [];
    const { db, demographics, clock } = this.#parts;
    const memberships = await membershipsOf(db, [...new Set(suspicions.map(({ access }) => access.userId))]);
    const organisations = Map.groupBy(memberships, (row) => row.user_id);
    const isProved = ({ userId, roleId, odsCode }: Access) =>
      roleId !== '' && (organisations.get(userId)?.some((row) => row.ods_code === odsCode) ?? true);
    const unproved = suspicions.filter(({ access }) => !isProved(access));
    if (unproved.length === 0) return [...suspicions];
    const numbers = new Set(unproved.map(({ access }) => access.nhsNumber).filter((number) => number !== ''));
    const facts = await demographics([...numbers], dayOf(clock.now()));
    return suspicions.map((suspicion) => {
      const { access } = suspicion;
      if (isProved(access)) return suspicion;
      return { ...suspicion, access: { ...access, odsCode: facts.get(access.nhsNumber)?.practice ?? '' } };
    });
  }

  /** Counts look-ups by user; those that were one too many. */
  async #countIn(tx: Queryable, accesses: readonly Access[]): Promise<Suspicion[]> {
    if (accesses.length === 0) return [];
    const limit = this.#parts.massLookUps;
    const first = (accesses[0] as Access).at;
    const byUser = Map.groupBy(accesses, (access) => access.userId);
    const rows = await lookUpsOf(tx, [...byUser.keys()], first - hour);
    const before = Map.groupBy(rows, (row) => row.user_id);
    const keep: { userId: string; nhsNumber: string; at: number }[] = [];
    const begunAnew: string[] = [];
    const suspicions: Suspicion[] = [];
    for (const [userId, own] of byUser) {
      const known: LookUps = new Map(
        (before.get(userId) ?? []).map((row) => [row.nhs_number, row.looked_at.getTime()]),
      );
      const { after, tooMany } = countLookUps(known, own, limit);
      const isAnew = tooMany.length > 0;
      if (isAnew) begunAnew.push(userId);
      for (const [nhsNumber, at] of after)
        if (isAnew || known.get(nhsNumber) !== at) keep.push({ userId, nhsNumber, at });
      for (const index of tooMany) {
        // it concerns no single patient: the officer finds them all in the audit, by user and time
        const access = { ...(own[index] as Access), nhsNumber: '' };
        suspicions.push({ code: 'MASS_LOOK_UP', access, detail: `More than ${limit} patients within an hour` });
      }
    }
    if (begunAnew.length > 0) await forgetLookUpsOf(tx, begunAnew);
    if (keep.length > 0) await keepLookUps(tx, keep);
    return suspicions;
  }

  /** Forgets look-ups that count no more. */
  async forget(now: number): Promise<void> {
    await forgetOldLookUps(this.#parts.db, now - 2 * hour);
  }
}

/** A look at a patient's record by a member of staff, that was allowed. */
function isWatched({ mode, userId, nhsNumber, outcome, status, operation }: FollowedEntry): boolean {
  if (mode !== 'healthcare-worker' || userId === '' || nhsNumber === '') return false;
  if (outcome !== 'allowed' || status >= 400) return false;
  return operation === decision || !/^(access|audit)\./.test(operation);
}

function accessIn(entry: FollowedEntry): Access {
  const { writer, seq, userId, nhsNumber, odsCode, roleId, operation, requestId, at } = entry;
  return { entry: `${writer}-${seq}`, userId, nhsNumber, odsCode, roleId, operation, requestId, at };
}
