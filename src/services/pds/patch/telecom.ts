import type { ContactPoint, Extension, PatientContact } from '../../../platform/fhir/types.ts';
import { extensionUrls } from '../patient.ts';
import { systems } from '../record/constants.ts';
import { type CodeList, settledCoding, settledConcept } from './coded.ts';
import { isTouched, type Touched } from './field.ts';
import { settledPeriod } from './period.ts';
import { invalidUpdate, invalidValue, missingValue, tooManyValues } from './refusals.ts';
import { chosen } from './texts.ts';

const systemsOfTelecom: ReadonlySet<unknown> = new Set(['phone', 'fax', 'email', 'other']);
const uses: ReadonlySet<unknown> = new Set(['home', 'work', 'temp', 'mobile']);

const otherSystems: CodeList = { system: systems.otherContact, displays: { textphone: 'Minicom (Textphone)' } };
const relationships: CodeList = { system: systems.relationship, displays: { C: 'Emergency Contact' } };

/** A touched telecom by the published rules of the field, with its defaults. */
export function settledTelecom(touched: Touched<ContactPoint>): ContactPoint {
  const { after, before, path } = touched;
  if (before && (before.system !== after.system || before.use !== after.use)) {
    throw invalidUpdate(chosen.telecomKindChanged());
  }
  const period = settledPeriod(touched, true);
  const isSystemTouched = isTouched(touched, 'system') || isTouched(touched, 'value');
  if (isSystemTouched) checkSystemAndValue(after, path);
  if (after.use === undefined) throw missingValue(`${path}/use`);
  if (isTouched(touched, 'use') && !uses.has(after.use)) throw invalidValue(after.use, `${path}/use`);
  const extension = isTouched(touched, 'extension') ? otherSystem(after, path) : after.extension;
  return {
    ...(after.id === undefined ? {} : { id: after.id }),
    ...(period && { period }),
    ...(after.system !== undefined && { system: after.system }),
    ...(after.value !== undefined && { value: after.value.trim() }),
    use: after.use,
    ...(extension?.length && { extension }),
  };
}

/** Refuses a second telecom of the same system and use that the request brought. */
export function checkTelecoms(telecoms: readonly ContactPoint[], added: readonly ContactPoint[]): void {
  for (const { system, use } of added) {
    if (telecoms.filter((telecom) => telecom.system === system && telecom.use === use).length > 1) {
      throw invalidUpdate(chosen.secondTelecom(system ?? '', use ?? ''));
    }
  }
}

/** A touched emergency contact by the published rules of the field, with its defaults. */
export function settledContact(touched: Touched<PatientContact>): PatientContact {
  const { after, path } = touched;
  const period = settledPeriod(touched);
  const relationships = isTouched(touched, 'relationship')
    ? settledRelationship(after, `${path}/relationship`)
    : after.relationship;
  const telecom = isTouched(touched, 'telecom') ? contactTelecoms(after, `${path}/telecom`) : after.telecom;
  return {
    ...(after.id === undefined ? {} : { id: after.id }),
    ...(period && { period }),
    ...(relationships && { relationship: relationships }),
    ...(telecom && { telecom }),
  };
}

function settledRelationship({ relationship = [] }: PatientContact, path: string) {
  if (relationship.length === 0) throw missingValue(path);
  if (relationship.length > 1) throw tooManyValues(relationship, path);
  return [settledConcept(relationship[0], `${path}/0`, relationships)];
}

function contactTelecoms({ telecom = [] }: PatientContact, path: string): ContactPoint[] {
  if (telecom.length === 0) throw missingValue(path);
  return telecom.map((point, index) => {
    const at = `${path}/${index}`;
    for (const member of ['use', 'period', 'id'] as const) {
      if (point[member] !== undefined) throw invalidUpdate(chosen.contactTelecomMember(member));
    }
    if (point.system === 'fax') throw invalidUpdate(chosen.contactFax());
    checkSystemAndValue(point, at);
    const extension = otherSystem(point, at);
    return {
      ...(point.system !== undefined && { system: point.system }),
      ...(point.value !== undefined && { value: point.value.trim() }),
      ...(extension && { extension }),
    };
  });
}

function checkSystemAndValue({ system, value }: ContactPoint, path: string): void {
  if (system === undefined) throw missingValue(`${path}/system`);
  if (!systemsOfTelecom.has(system)) throw invalidValue(system, `${path}/system`);
  if (value === undefined) throw missingValue(`${path}/value`);
  if (system === 'email' && !isEmail(value.trim())) throw invalidUpdate(chosen.emailFormat());
}

/** An address like john.smith@example.com, of 7 to 89 characters. */
function isEmail(value: string): boolean {
  return (
    value.length > 6 &&
    value.length < 90 &&
    /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}$/.test(value)
  );
}

/** The extension that says which other system is meant: there once at most, and only where the system is `other`. */
function otherSystem({ system, extension = [] }: ContactPoint, path: string): Extension[] | undefined {
  const [first] = extension;
  if (!first) return undefined;
  if (extension.length > 1) throw tooManyValues(extension, `${path}/extension`);
  const isOther = system === 'other' && first.url === extensionUrls.OtherContactSystem;
  if (!isOther) throw invalidValue(first.url, `${path}/extension/0/url`);
  return [
    { url: first.url, valueCoding: settledCoding(first.valueCoding, `${path}/extension/0/valueCoding`, otherSystems) },
  ];
}
