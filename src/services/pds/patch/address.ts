import type { Address, Extension, Period } from '../../../platform/fhir/types.ts';
import { extensionUrls } from '../patient.ts';
import { systems } from '../record/constants.ts';
import { isTouched, type Touched } from './field.ts';
import { daysBetween, settledPeriod } from './period.ts';
import { invalidUpdate, invalidValue, missingValue, tooManyValues, unsupportedValue } from './refusals.ts';
import { chosen } from './texts.ts';

const uses: ReadonlySet<unknown> = new Set(['home', 'temp', 'billing']);
const mostLines = 5;

/** How long an address of a limited time may be in use, in days. */
const longest: ReadonlyMap<string, number> = new Map([
  ['temp', 90],
  ['billing', 366],
]);

const descriptions: ReadonlySet<unknown> = new Set([
  'Second Home',
  'Student Accommodation',
  'Respite Care Address',
  'Temporary Residence Address',
  'Convalescence Home',
  'Mobile Home',
  'Holiday Home',
]);

/** What each type of address key looks like. PAF keys are published with eight digits, an example of seven is too. */
const keyPatterns: ReadonlyMap<string, RegExp> = new Map([
  ['PAF', /^[0-9]{7,8}$/],
  ['UPRN', /^[0-9]{1,12}$/],
]);

/** A touched address by the published rules of the field, with its defaults, blank lines dropped. */
export function settledAddress(touched: Touched<Address>): Address {
  const { after, before, path } = touched;
  if (after.use === undefined) throw missingValue(`${path}/use`);
  if (after.use === 'work' || before?.use === 'work') throw unsupportedValue('work', `${path}/use`);
  if (isTouched(touched, 'use') && !uses.has(after.use)) throw invalidValue(after.use, `${path}/use`);
  const period = settledPeriod(touched);
  if (isTouched(touched, 'period') || isTouched(touched, 'use')) checkLimit(after, period, path);
  if (isTouched(touched, 'text') || isTouched(touched, 'use')) checkDescription(after, path);
  const extension = isTouched(touched, 'extension')
    ? settledKeys(after.extension ?? [], `${path}/extension`)
    : after.extension;
  checkLines(touched);
  const line = (after.line ?? []).filter((entry) => entry !== null && entry.trim() !== '');
  return {
    ...(after.id === undefined ? {} : { id: after.id }),
    ...(period && { period }),
    use: after.use,
    ...(after.text !== undefined && { text: after.text }),
    ...(line.length > 0 && { line }),
    ...(after.postalCode !== undefined && { postalCode: after.postalCode.trim() }),
    ...(extension?.length && { extension }),
  };
}

/** Refuses a second address of the same use that the request brought. */
export function checkAddresses(addresses: readonly Address[], brought: readonly Address[]): void {
  for (const { use } of brought) {
    if (addresses.filter((address) => address.use === use).length > 1)
      throw invalidUpdate(chosen.secondAddress(use ?? ''));
  }
}

function checkLimit(address: Address, period: Period | undefined, path: string): void {
  const use = address.use ?? '';
  const days = longest.get(use);
  if (days === undefined) return;
  if (!address.period) throw missingValue(`${path}/period`);
  if (period?.start === undefined || period.end === undefined) throw missingValue(`${path}/period/end`);
  if (daysBetween(period.start, period.end) > days) {
    throw invalidUpdate(chosen.periodTooLong(`${path}/period/end`, use, days));
  }
}

function checkDescription(address: Address, path: string): void {
  if (address.text === undefined && address.use === 'temp') throw missingValue(`${path}/text`);
  if (address.text !== undefined && !descriptions.has(address.text)) throw invalidValue(address.text, `${path}/text`);
}

/** Lines are checked when they, or what excuses them, changed for the worse. */
function checkLines(touched: Touched<Address>): void {
  const { after, before, path } = touched;
  if ((after.line ?? []).length > mostLines) throw tooManyValues(after.line, `${path}/line`);
  if (isComplete(after)) return;
  if (isTouched(touched, 'line') || !before || isComplete(before)) throw invalidUpdate(chosen.addressLines());
}

/**
 * Lines 1 or 2, and 4, are there, or a PAF key or pseudo postcode excuses them. Blank lines may have been left out
 * already, as published; then two lines have to do, for which line each was is not known.
 */
function isComplete({ line = [], postalCode, extension }: Address): boolean {
  if (postalCode && /^ZZ99/i.test(postalCode.trim())) return true;
  if (extension?.some((key) => keyType(key) === 'PAF')) return true;
  const isThere = line.map((entry) => entry !== null && entry.trim() !== '');
  const arePlacesKnown = isThere.length >= 4 || isThere.includes(false);
  return arePlacesKnown ? (isThere[0] || isThere[1]) === true && isThere[3] === true : isThere.length >= 2;
}

function keyType(key: Extension): string | undefined {
  return key.extension?.find((part) => part.url === 'type')?.valueCoding?.code;
}

function settledKeys(keys: readonly Extension[], path: string): Extension[] {
  const seen = new Set<string>();
  return keys.map((key, index) => {
    const at = `${path}/${index}`;
    if (key.url !== extensionUrls.AddressKey) throw invalidValue(key.url, `${at}/url`);
    const code = keyType(key);
    const value = key.extension?.find((part) => part.url === 'value')?.valueString;
    if (code === undefined || value === undefined) throw missingValue(`${at}/extension`);
    const pattern = keyPatterns.get(code);
    if (key.extension?.length !== 2 || !pattern || seen.has(code)) throw invalidValue(code, `${at}/extension`);
    if (!pattern.test(value)) throw invalidValue(value, `${at}/extension`);
    seen.add(code);
    return {
      url: key.url,
      extension: [
        { url: 'type', valueCoding: { system: systems.addressKeyType, code } },
        { url: 'value', valueString: value },
      ],
    };
  });
}
