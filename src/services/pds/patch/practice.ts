import type { Identifier, Reference } from '../../../platform/fhir/types.ts';
import { odsSystem } from '../patient.ts';
import { isTouched, type Touched } from './field.ts';
import { settledPeriod } from './period.ts';
import { forbiddenUpdate, invalidUpdate, invalidValue, missingValue } from './refusals.ts';
import { chosen } from './texts.ts';

/**
 * A touched general practice by the published rules of the field: set by primary care or the back office only, no
 * end date. Whether the code is a practice in being is not asked here.
 */
export function settledPractice(touched: Touched<Reference>): Reference {
  const { after, path, source } = touched;
  if (!source.isPrimaryCare && !source.isBackOffice) {
    throw forbiddenUpdate(chosen.mayNotUpdate('generalPractitioner'));
  }
  if (after.type !== undefined && after.type !== 'Organization') throw invalidValue(after.type, `${path}/type`);
  const identifier = isTouched(touched, 'identifier') ? settledOrganisation(touched) : after.identifier;
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
export function settledManagingOrganization(touched: Touched<Reference>): Reference {
  const { after, path } = touched;
  if (after.type !== undefined && after.type !== 'Organization') throw invalidValue(after.type, `${path}/type`);
  return { type: 'Organization', identifier: settledOrganisation(touched) };
}

function settledOrganisation({ after, before, path, ...rest }: Touched<Reference>): Identifier {
  const { identifier } = after;
  const at = `${path}/identifier`;
  if (!identifier) throw missingValue(at);
  if (identifier.system !== undefined && identifier.system !== odsSystem) {
    throw invalidValue(identifier.system, `${at}/system`);
  }
  if (identifier.value === undefined) throw missingValue(`${at}/value`);
  if (!/^[0-9A-Z]{3,10}$/.test(identifier.value)) throw invalidValue(identifier.value, `${at}/value`);
  const period = settledPeriod({ ...rest, after: identifier, before: before?.identifier, path: at });
  return { system: odsSystem, value: identifier.value, ...(period && { period }) };
}
