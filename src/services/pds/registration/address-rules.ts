import type { Address, Extension, Period } from '../../../platform/fhir/types.ts';
import { extensionUrls } from '../patient.ts';
import { systems } from '../record/constants.ts';
import {
  invalidCreate,
  invalidValue,
  missingValue,
  tooManyValues,
  unsupportedCharacters,
  unsupportedValue,
} from '../refused-values.ts';
import { byUrl, list, matching, object, oneOf, type Shape, text, under, valueThat } from '../shape.ts';
import { isStorableText } from '../storable-text.ts';
import { daysBetween, parsePeriod, periodShape } from './period-rules.ts';

const addressKeyShape = object(
  {
    url: oneOf(extensionUrls.AddressKey),
    extension: list(
      byUrl({
        type: object(
          {
            valueCoding: object(
              { system: oneOf(systems.addressKeyType), code: oneOf('PAF', 'UPRN') },
              { required: ['code'] },
            ),
          },
          { required: ['valueCoding'] },
        ),
        value: object({ valueString: matching(/^[0-9]{1,12}$/) }, { required: ['valueString'] }),
      }),
      { min: 2, max: 2 },
    ),
  },
  { required: ['url', 'extension'] },
);

/** An address of a new record. Members it does not name are tolerated and not kept. */
export const addressShape: Shape = object(
  {
    period: periodShape,
    use: oneOf('home', 'temp', 'billing', 'work'),
    text,
    line: list(
      valueThat((line) => line === null || typeof line === 'string'),
      { max: 5 },
    ),
    postalCode: matching(/^[A-Za-z0-9 ]{0,10}$/),
    extension: list(addressKeyShape, { max: 2 }),
  },
  { required: ['period', 'use'] },
);

type SentAddress = {
  period: Period;
  use: string;
  text?: string;
  line?: (string | null)[];
  postalCode?: string;
  extension?: { extension: { url: string; valueCoding?: { code: string }; valueString?: string }[] }[];
};

const temporaryKinds = [
  'Second Home',
  'Student Accommodation',
  'Respite Care Address',
  'Temporary Residence Address',
  'Convalescence Home',
  'Mobile Home',
  'Holiday Home',
];

/** Days a temporary or correspondence address may last. */
const longest: Readonly<Record<string, number>> = { temp: 90, billing: 366 };

const longestLine = 100;

/**
 * The addresses as they are kept, from ones that have the shape: one each of home, temp and billing. A line keeps its
 * place, so blank ones before another stay in the record as empty texts; readers are shown the others only.
 */
export function parseAddresses(sent: readonly unknown[], path: string, today: string): Address[] {
  const uses = new Set<string>();
  return sent.map((one, i) => {
    const address = parseAddress(one as SentAddress, under(path, i), today);
    if (uses.has(address.use as string)) throw tooManyValues(sent, path);
    uses.add(address.use as string);
    return address;
  });
}

function parseAddress(sent: SentAddress, path: string, today: string): Address {
  if (sent.use === 'work') throw unsupportedValue(sent.use, under(path, 'use'));
  const address: Address = { use: sent.use, period: parsePeriod(sent.period, under(path, 'period'), today) };
  const most = longest[sent.use];
  if (most !== undefined) requireEnd(address.period as Period, most, under(path, 'period'));
  if (sent.use === 'temp') address.text = temporaryKind(sent.text, under(path, 'text'));
  const line = parseLines(sent.line ?? [], under(path, 'line'));
  const postalCode = (sent.postalCode ?? '').replace(/ +/g, ' ').trim();
  const keys = parseKeys(sent.extension ?? [], under(path, 'extension'));
  const isPseudo = /^ZZ99/i.test(postalCode);
  if (!isPseudo && !keys.some((key) => keyType(key) === 'PAF') && !((line[0] || line[1]) && line[3])) {
    throw invalidCreate('address lines 1 and 4 or 2 and 4 must be completed as a minimum');
  }
  if (line.length > 0) address.line = line;
  if (postalCode !== '') address.postalCode = postalCode;
  if (keys.length > 0) address.extension = keys;
  return address;
}

function requireEnd(period: Period, mostDays: number, path: string): void {
  if (period.end === undefined) throw missingValue(under(path, 'end'));
  if (daysBetween(period.start as string, period.end) > mostDays) throw invalidValue(period.end, under(path, 'end'));
}

function temporaryKind(kind: string | undefined, path: string): string {
  if (kind === undefined) throw missingValue(path);
  if (!temporaryKinds.includes(kind)) throw invalidValue(kind, path);
  return kind;
}

function parseLines(sent: readonly (string | null)[], path: string): string[] {
  const lines = sent.map((line, i) => {
    const clean = (line ?? '').trim();
    if (!isStorableText(clean)) throw unsupportedCharacters(line, under(path, i));
    if (clean.length > longestLine) throw invalidValue(line, under(path, i));
    return clean;
  });
  while (lines.at(-1) === '') lines.pop();
  return lines;
}

const keyType = (key: Extension): string | undefined => key.extension?.[0]?.valueCoding?.code;

/** One key of each type; a PAF key has eight digits. */
function parseKeys(sent: NonNullable<SentAddress['extension']>, path: string): Extension[] {
  const keys = sent.map((key, i): Extension => {
    const parts = under(under(path, i), 'extension');
    const code = key.extension.find((part) => part.url === 'type')?.valueCoding?.code;
    const at = key.extension.findIndex((part) => part.url === 'value');
    const value = key.extension[at]?.valueString;
    if (code === undefined || value === undefined) throw missingValue(parts);
    if (code === 'PAF' && value.length !== 8) throw invalidValue(value, under(under(parts, at), 'valueString'));
    return {
      url: extensionUrls.AddressKey,
      extension: [
        { url: 'type', valueCoding: { system: systems.addressKeyType, code } },
        { url: 'value', valueString: value },
      ],
    };
  });
  if (keys.length === 2 && keyType(keys[0] as Extension) === keyType(keys[1] as Extension)) {
    throw tooManyValues(sent, path);
  }
  return keys;
}
