import type { ContactPoint, Extension, Period } from '../../../platform/fhir/types.ts';
import { extensionUrls } from '../patient.ts';
import { systems } from '../record/constants.ts';
import { invalidCreate, invalidValue, tooManyValues, unsupportedCharacters } from '../refused-values.ts';
import { list, object, oneOf, type Shape, text, under } from '../shape.ts';
import { isStorableText } from '../storable-text.ts';
import { parsePeriod, periodShape } from './period-rules.ts';

/** A contact point of a new record. Members it does not name are tolerated and not kept. */
export const telecomShape: Shape = object(
  {
    system: oneOf('phone', 'fax', 'email', 'other'),
    value: text,
    use: oneOf('home', 'work', 'temp', 'mobile'),
    period: periodShape,
    extension: list(
      object(
        {
          url: oneOf(extensionUrls.OtherContactSystem),
          valueCoding: object(
            { system: oneOf(systems.otherContact), code: oneOf('textphone') },
            { required: ['code'] },
          ),
        },
        { required: ['url', 'valueCoding'] },
      ),
      { max: 1 },
    ),
  },
  { required: ['system', 'value'] },
);

type SentTelecom = { system: string; value: string; use?: string; period?: Period; extension?: unknown[] };

const textphone: Extension = {
  url: extensionUrls.OtherContactSystem,
  valueCoding: { system: systems.otherContact, code: 'textphone', display: 'Minicom (Textphone)' },
};

/** Something, an at sign, and a domain with a dot; 7 to 89 characters in all. */
const email = /^[^\s@"(),:;<>[\\\]]+@[^\s@"(),:;<>[\\\].]+(\.[^\s@"(),:;<>[\\\].]+)+$/;
const longestValue = 89;

/** The contact points as they are kept, from ones that have the shape: one of each system and use. */
export function parseTelecom(sent: readonly unknown[], path: string, today: string): ContactPoint[] {
  const taken = new Set<string>();
  return sent.map((one, i) => {
    const { system, use, value, period, extension } = one as SentTelecom;
    const key = `${system} ${use}`;
    if (taken.has(key)) throw tooManyValues(sent, path);
    taken.add(key);
    const point: ContactPoint = {
      system,
      value: parseValue(system, value, under(under(path, i), 'value')),
      period: period ? parsePeriod(period, under(under(path, i), 'period'), today) : { start: today },
    };
    if (use !== undefined) point.use = use;
    if (system === 'other' && extension !== undefined && extension.length > 0) point.extension = [textphone];
    return point;
  });
}

function parseValue(system: string, sent: string, path: string): string {
  const value = sent.trim();
  if (system === 'email' && (value.length < 7 || value.length > longestValue || !email.test(value))) {
    throw invalidCreate('email format is invalid');
  }
  if (value === '' || value.length > longestValue) throw invalidValue(sent, path);
  if (!isStorableText(value)) throw unsupportedCharacters(sent, path);
  return value;
}
