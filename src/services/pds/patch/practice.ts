import type { Identifier, Reference } from '../../../platform/fhir/types.ts';
import { odsSystem } from '../patient.ts';
import { isTouched, type Touched } from './field.ts';
import { checkedPeriod } from './period.ts';
import { forbiddenUpdate, invalidUpdate, invalidValue, missingValue } from './refusals.ts';
import { chosen } from './texts.ts';

/**
 * A touched general practice by the published rules of the field: set by primary care or the back office only, no
 * end date. Whether the code is a practice in being is not asked here.
 */
export function settledPractice(touched: Touched<Reference>): Reference {
  const { after, path, source, today } = touched;
  if (!source.isPrimaryCare && !source.isBackOffice) {
    throw forbiddenUpdate(chosen.mayNotUpdate('generalPractitioner'));
  }
  if (after.type !== undefined && after.type !== 'Organization') throw invalidValue(after.type, `${path}/type`);
  const identifier = isTouched(touched, 'identifier')
    ? settledOrganisation(touched, `${path}/identifier`, today)
    : after.identifier;
  if (isTouched(touched, 'identifier') && identifier?.period?.end !== undefined) {
    const isOld = touched.kind === 'edited' && touched.before?.identifier?.period?.end === identifier.period.end;
    if (!isOld) throw invalidUpdate(chosen.practiceEnd());
  }
  return {
    ...(after.id === undefined ? {} : { id: after.id }),
    type: 'Organization',
    ...(identifier && { identifier }),
  };
}

/** Refuses a second general practice. */
export function checkPractices(practices: readonly Reference[], added: readonly Reference[]): void {
  if (added.length > 0 && practices.length > 1) throw invalidUpdate(chosen.secondPractice());
}

/** The managing organisation, written by the back office only, by the same rules but that it may have an end. */
export function settledManagingOrganization(after: Reference, before: Reference | undefined, today: string): Reference {
  const touched: Pick<Touched<Reference>, 'after' | 'before' | 'kind'> = {
    after,
    before,
    kind: before ? 'edited' : 'added',
  };
  if (after.type !== undefined && after.type !== 'Organization') {
    throw invalidValue(after.type, 'managingOrganization/type');
  }
  return { type: 'Organization', identifier: settledOrganisation(touched, 'managingOrganization/identifier', today) };
}

function settledOrganisation(
  { after, before, kind }: Pick<Touched<Reference>, 'after' | 'before' | 'kind'>,
  path: string,
  today: string,
): Identifier {
  const { identifier } = after;
  if (!identifier) throw missingValue(path);
  if (identifier.system !== undefined && identifier.system !== odsSystem) {
    throw invalidValue(identifier.system, `${path}/system`);
  }
  if (identifier.value === undefined) throw missingValue(`${path}/value`);
  if (!/^[0-9A-Z]{3,10}$/.test(identifier.value)) throw invalidValue(identifier.value, `${path}/value`);
  const own: Touched<Identifier>['kind'] = kind;
  const periodTouched = own !== 'edited' || !samePeriod(before?.identifier, identifier);
  const period = periodTouched ? checkedPeriod(identifier.period, `${path}/period`, today) : identifier.period;
  return { system: odsSystem, value: identifier.value, ...(period && { period }) };
}

function samePeriod(a: Identifier | undefined, b: Identifier): boolean {
  return a?.period?.start === b.period?.start && a?.period?.end === b.period?.end;
}
