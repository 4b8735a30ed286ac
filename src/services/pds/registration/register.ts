import { createHash } from 'node:crypto';
import type { AuditNote } from '../../../platform/audit/entry.ts';
import { isTransient, type Queryable } from '../../../platform/db/database.ts';
import type { Statement } from '../../../platform/db/sql.ts';
import type { NhsNumber } from '../../../platform/nhs/nhs-number.ts';
import { pdsErrors, refuse } from '../errors.ts';
import type { Patient, StoredPatient } from '../patient.ts';
import { selectBefore, selectRequest } from '../queries.ts';
import { deleteRegistration, insertRegistration, selectRegistration } from '../queries-registration.ts';
import { idSeed, objectId } from '../record/object-id.ts';
import { tag } from '../record/tags.ts';
import { type ChangedBy, type PatientRecords, recordOf } from '../records.ts';
import type { NewPerson } from '../trace/duplicates.ts';
import { nameKey, postcodeKey } from '../trace/keys.ts';
import type { NewPatient } from './create-rules.ts';
import type { NewObjectId } from './new-record.ts';

/** What registering a patient stands on. */
export type RegistrationDeps = {
  readonly db: Queryable;
  /** `change` writes the request's key, the trace rows and what stands alongside in the record's own transaction. */
  readonly records: Pick<PatientRecords, 'find' | 'change'>;
  readonly allocate: () => Promise<NhsNumber>;
  readonly findDuplicates: (person: NewPerson) => Promise<readonly { readonly nhsNumber: NhsNumber }[]>;
};

/** By whom, when and under which request a patient is registered. */
export type RegistrationCommand = {
  readonly requestId: string;
  readonly changedBy: ChangedBy;
  readonly now: number;
  /** The audit note of the registration, should it happen. */
  readonly auditNote: (nhsNumber: NhsNumber) => AuditNote;
};

/** How one kind of registration goes about it. */
export type Plan = {
  readonly verb: string;
  readonly eventKind: string;
  /** The same for a repetition of the same request, and for no other. */
  readonly requestKey: string;
  /** Refuses (SINGLE_MATCH, MULTIPLE_MATCHES) a patient who is registered already. */
  readonly refuseRegistered: () => Promise<void>;
  readonly record: (nhsNumber: NhsNumber) => Patient;
  /** What must be unique, or kept, together with the record. */
  readonly alongside: (nhsNumber: NhsNumber) => readonly Statement[];
  readonly eventBody: object;
};

/** A new patient's record as stored; `isRepetition`: an earlier request made it, and this one wrote nothing. */
export type Registered = { readonly stored: StoredPatient; readonly isRepetition: boolean };

const mostAttempts = 5;

/**
 * Registers a patient under a number of their own; the record, version 1. A repetition of a request that was carried out
 * answers what it answered (`isRepetition`: nothing is written, its audit entry neither). Of requests at the same moment for the same person one makes a record: the others fail on
 * what is unique in its transaction, look again, and then find it.
 */
export async function register(deps: RegistrationDeps, command: RegistrationCommand, plan: Plan): Promise<Registered> {
  const { now } = command;
  for (let attempt = 1; ; attempt++) {
    const made = await selectRequest(deps.db, plan.requestKey);
    if (made) return repeated(deps, made.nhs_number);
    try {
      await plan.refuseRegistered();
    } catch (refusal) {
      // the record found may be the one this very request made a moment ago, sent twice
      const madeMeanwhile = await selectRequest(deps.db, plan.requestKey);
      if (madeMeanwhile) return repeated(deps, madeMeanwhile.nhs_number);
      throw refusal;
    }
    const nhsNumber = await deps.allocate();
    const after: StoredPatient = {
      nhsNumber,
      version: 1,
      state: 'active',
      security: 'U',
      survivor: undefined,
      patient: plan.record(nhsNumber),
      former: undefined,
    };
    try {
      const outcome = await deps.records.change({
        before: undefined,
        after,
        verb: plan.verb,
        requestId: command.requestId,
        requestKey: plan.requestKey,
        changedBy: command.changedBy,
        at: now,
        events: [
          { subject: nhsNumber, kind: plan.eventKind, happenedAt: now, body: { version: 1, ...plan.eventBody } },
        ],
        audit: [command.auditNote(nhsNumber)],
        alongside: plan.alongside(nhsNumber),
      });
      if (outcome === 'done') return { stored: after, isRepetition: false };
      if (attempt === mostAttempts) throw new Error(`No free NHS number after ${mostAttempts} attempts`);
    } catch (error) {
      if (attempt === mostAttempts || !mayTryAgain(error)) throw error;
    }
  }
}

/** Somebody was quicker (unique violation), or the database says nothing of the statement. */
function mayTryAgain(error: unknown): boolean {
  return (error as { code?: string }).code === '23505' || isTransient(error);
}

async function repeated(deps: RegistrationDeps, nhsNumber: string): Promise<Registered> {
  return { stored: await firstVersion(deps, nhsNumber), isRepetition: true };
}

/** The record as it was made, whatever became of it since. */
async function firstVersion(deps: RegistrationDeps, nhsNumber: string): Promise<StoredPatient> {
  const current = await deps.records.find(nhsNumber);
  if (!current) throw new Error('A request names a record that is not there');
  if (current.version === 1) return current;
  const second = await selectBefore(deps.db, nhsNumber, 2);
  if (!second?.before) return current;
  return recordOf({
    ...current.row,
    version: 1,
    record: second.before,
    former: second.before_former,
    state: second.before_state ?? 'a',
    security: second.before_security ?? 'U',
    survivor: null,
  });
}

/**
 * Refuses a person whose demographics find a record. A registration of the same person a short while ago whose record
 * they no longer find (it was corrected, or made invalid) is forgotten, so that it stands in nobody's way.
 */
export async function refuseDuplicates(deps: RegistrationDeps, person: NewPatient, key: string): Promise<void> {
  const earlier = await selectRegistration(deps.db, key);
  const matches = await deps.findDuplicates({
    name: person.name,
    birthDate: person.birthDate,
    gender: person.gender,
    postcode: homePostcode(person),
  });
  if (matches.length > 1) {
    throw refuse(
      pdsErrors.multipleMatches,
      'Unable to create new patient. Multiple matches found for supplied demographic data.',
    );
  }
  if (matches[0]) throw singleMatch(matches[0].nhsNumber);
  if (earlier !== undefined) await deleteRegistration(deps.db, key, earlier);
}

export function singleMatch(nhsNumber: string): Error {
  return refuse(
    pdsErrors.singleMatch,
    `Unable to create new patient. NHS number ${nhsNumber} found for supplied demographic data.`,
  );
}

/** What keeps two requests at the same moment from registering one person twice. */
export function onePerson(key: string, now: number): (nhsNumber: NhsNumber) => Statement {
  return (nhsNumber) => insertRegistration(key, nhsNumber, now);
}

/** The same for two requests about the same person, however their names and postcode are written. */
export function personKey(person: NewPatient): string {
  const { name, birthDate, gender } = person;
  const parts = [nameKey(name.family ?? ''), (name.given ?? []).map(nameKey), birthDate, gender];
  return digest([...parts, postcodeKey(homePostcode(person) ?? '')]);
}

function homePostcode(person: NewPatient): string | undefined {
  return (person.address.find((address) => address.use === 'home') ?? person.address[0])?.postalCode;
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 32);
}

/** Ids by place, which the stored form of a record need not write out. */
export function objectIdsOf(nhsNumber: NhsNumber): NewObjectId {
  const seed = idSeed(nhsNumber);
  return (list, index) => objectId(seed, tag[list], index);
}
