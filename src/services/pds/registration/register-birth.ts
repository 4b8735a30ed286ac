import { randomUUID } from 'node:crypto';
import {
  type Delivery,
  insertBirth,
  insertDelivery,
  selectDelivery,
  selectNotificationId,
} from '../queries-registration.ts';
import { requestKeyOf } from '../update-patient.ts';
import type { BirthNotification } from './birth-rules.ts';
import { newBabyRecord } from './new-record.ts';
import {
  objectIdsOf,
  onePerson,
  personKey,
  type Registered,
  type RegistrationCommand,
  type RegistrationDeps,
  refuseDuplicates,
  register,
  singleMatch,
} from './register.ts';

export type BirthCommand = RegistrationCommand & {
  readonly birth: BirthNotification;
  /** The notification as received, to be kept. */
  readonly body: unknown;
  /** Lets a baby through whose demographics find a record, but not the same birth again. */
  readonly ignoresPotentialMatches: boolean;
};

/** A newborn's record as stored, and the id its notification was given. */
export type RegisteredBirth = Registered & { readonly notificationId: string };

/**
 * Registers a newborn. The same birth again (mother, date, birth order) is SINGLE_MATCH whatever the caller ignores;
 * otherwise duplicates are refused as for create.
 */
export async function registerBirth(deps: RegistrationDeps, command: BirthCommand): Promise<RegisteredBirth> {
  const { birth, now, requestId, changedBy } = command;
  const { baby } = birth;
  const delivery: Delivery = { mother: birth.mother, bornOn: baby.birthDate, birthOrder: birth.birthOrder ?? 0 };
  const notification = JSON.stringify(command.body);
  const newNotificationId = randomUUID();
  const key = personKey(baby);
  const claim = onePerson(key, now);
  const registered = await register(deps, command, {
    verb: 'birth',
    eventKind: 'pds.birth-notified',
    requestKey: requestKeyOf(['birth', changedBy.app, requestId, notification]),
    refuseRegistered: async () => {
      await refuseSameBirth(deps, delivery);
      if (!command.ignoresPotentialMatches) await refuseDuplicates(deps, baby, key);
    },
    record: (nhsNumber) => newBabyRecord(birth, nhsNumber, objectIdsOf(nhsNumber)),
    alongside: (nhsNumber) => [
      insertDelivery(delivery, nhsNumber),
      insertBirth({
        baby: nhsNumber,
        mother: birth.mother,
        notificationId: newNotificationId,
        notifiedAt: now,
        notification,
      }),
      ...(command.ignoresPotentialMatches ? [] : [claim(nhsNumber)]),
    ],
    eventBody: { mother: birth.mother, notificationId: newNotificationId },
  });
  const notificationId = (await selectNotificationId(deps.db, registered.stored.nhsNumber)) ?? newNotificationId;
  return { ...registered, notificationId };
}

async function refuseSameBirth(deps: RegistrationDeps, delivery: Delivery): Promise<void> {
  const baby = await selectDelivery(deps.db, delivery);
  if (baby === undefined) return;
  const held = await deps.records.find(baby);
  throw singleMatch(held?.survivor ?? baby);
}
