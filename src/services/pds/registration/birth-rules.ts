import type { Extension } from '../../../platform/fhir/types.ts';
import type { NhsNumber } from '../../../platform/nhs/nhs-number.ts';
import { pdsErrors, refuse } from '../errors.ts';
import { extensionUrls } from '../patient.ts';
import { deathDisplays, systems } from '../record/constants.ts';
import { invalidValue, missingValue, unsupportedCharacters } from '../refused-values.ts';
import { check, isObject, under } from '../shape.ts';
import { isStorableText } from '../storable-text.ts';
import { birthShape, ethnicSystem } from './birth-shape.ts';
import { type NewPatient, parsePerson } from './create-rules.ts';
import { ethnicCategories } from './ethnic-categories.ts';
import { codeOf, placeOf } from './extension-rules.ts';

/** What a birth notification says, checked. */
export type BirthNotification = {
  /** The baby as it will be kept: birthplace and ethnic category among the extensions, no telecom. */
  readonly baby: NewPatient;
  /** As sent; its offset may be absent. */
  readonly bornAt: string;
  /** 1 to 7 in the order of birth, 8 not applicable, 9 not known. */
  readonly birthOrder: number | undefined;
  readonly deceasedDateTime: string | undefined;
  readonly outcome: 'live' | 'antepartum' | 'intrapartum' | 'postpartum';
  readonly weightGrams: number;
  readonly gestationWeeks: number;
  readonly foetuses: number;
  /** Code of the suspected congenital abnormality indicator. */
  readonly abnormality: string;
  readonly mother: NhsNumber;
  readonly motherPractice: string;
  readonly deliverySite: string;
};

const outcomes = { '1': 'live', '2': 'antepartum', '3': 'intrapartum', '4': 'postpartum' } as const;
const babyPath = 'entry/0/resource';

type SentBaby = Parameters<typeof parsePerson>[0] & {
  _birthDate: { extension: { valueDateTime: string }[] };
  multipleBirthInteger?: number;
  deceasedDateTime?: string;
  extension: Extension[];
};
type SentObservation = {
  valueQuantity: { value: number };
  valueInteger: number;
  valueCodeableConcept: { coding: { code: string }[] };
};
type Identified = { identifier: { value: string }[] };

/**
 * The body of `POST /Patient/$process-birth-details`, anything, as a birth notification; `today` is `yyyy-mm-dd`. Throws
 * the published refusals with paths as `entry/0/resource/name/0/use`; a baby's wrong gender or date of birth is reported
 * as `gender` or `birthDate`. The mother is the one the RelatedPerson names.
 */
export function parseBirth(body: unknown, today: string): BirthNotification {
  const sent = isObject(body) ? body : {};
  check(birthShape, sent);
  const resources = (sent.entry as { resource: unknown }[]).map((entry) => entry.resource);
  const baby = resources[0] as SentBaby;
  const observation = (index: number) => resources[index] as SentObservation;
  const codeAt = (index: number) => observation(index).valueCodeableConcept.coding[0]?.code as string;
  const identifierAt = (index: number) => (resources[index] as Identified).identifier[0]?.value as string;

  const outcome = outcomes[codeAt(2) as keyof typeof outcomes];
  const death = parseDeath(baby.extension);
  if (death && codeOf(death.extension?.[0] as Extension) === '2' && outcome === 'live') {
    throw refuse(pdsErrors.birthDeathStatusInconsistent, 'Insert Birth - Death Status Inconsistent');
  }
  const { telecom: _, ...withoutTelecom } = baby;
  const person = parsePerson(withoutTelecom, babyPath, today);
  return {
    baby: {
      ...person,
      extension: [...person.extension, ...birthExtensions(baby.extension), ...(death ? [death] : [])],
    },
    bornAt: baby._birthDate.extension[0]?.valueDateTime as string,
    birthOrder: baby.multipleBirthInteger,
    deceasedDateTime: parseDeceased(baby.deceasedDateTime, person.birthDate, today),
    outcome,
    weightGrams: observation(1).valueQuantity.value,
    gestationWeeks: observation(3).valueQuantity.value,
    foetuses: observation(4).valueInteger,
    abnormality: codeAt(5),
    mother: identifierAt(6) as NhsNumber,
    motherPractice: identifierAt(8),
    deliverySite: identifierAt(9),
  };
}

const extensionsPath = `${babyPath}/extension`;

/** Birthplace (without its text) and ethnic category, both mandatory. */
function birthExtensions(extensions: readonly Extension[]): Extension[] {
  const ethnicAt = placeOf(extensionUrls.EthnicCategory, extensions, extensionsPath);
  const placeAt = placeOf(extensionUrls.birthPlace, extensions, extensionsPath);
  if (ethnicAt < 0 || placeAt < 0) throw missingValue(extensionsPath);
  const code = codeOf(extensions[ethnicAt] as Extension);
  const coding = { system: ethnicSystem, code, display: ethnicCategories.get(code) as string };
  return [
    {
      url: extensionUrls.birthPlace,
      valueAddress: parsePlace(extensions[placeAt] as Extension, under(extensionsPath, placeAt)),
    },
    { url: extensionUrls.EthnicCategory, valueCodeableConcept: { coding: [coding] } },
  ];
}

function parsePlace(extension: Extension, path: string): NonNullable<Extension['valueAddress']> {
  const { city, district, country } = extension.valueAddress ?? {};
  const place: NonNullable<Extension['valueAddress']> = {};
  if (city !== undefined) place.city = placeName(city, `${path}/valueAddress/city`);
  if (district !== undefined) place.district = placeName(district, `${path}/valueAddress/district`);
  if (country !== undefined) place.country = country;
  return place;
}

function placeName(sent: string, path: string): string {
  const name = sent.trim();
  if (name === '' || name.length > 100) throw invalidValue(sent, path);
  if (!isStorableText(name)) throw unsupportedCharacters(sent, path);
  return name;
}

/** The death notification as it is kept, its status first; undefined when none was sent. */
function parseDeath(extensions: readonly Extension[]): Extension | undefined {
  const at = placeOf(extensionUrls.DeathNotificationStatus, extensions, extensionsPath);
  if (at < 0) return undefined;
  const parts = extensions[at]?.extension ?? [];
  const status = parts.find((part) => part.url === 'deathNotificationStatus');
  if (!status) throw missingValue(`${extensionsPath}/${at}/extension`);
  const code = codeOf(status);
  const coding = { system: systems.deathNotification, version: '1.0.0', code, display: deathDisplays[code] as string };
  const extension: Extension[] = [{ url: 'deathNotificationStatus', valueCodeableConcept: { coding: [coding] } }];
  const effective = parts.find((part) => part.url === 'systemEffectiveDate')?.valueDateTime;
  if (effective !== undefined) extension.push({ url: 'systemEffectiveDate', valueDateTime: inUtc(effective) });
  return { url: extensionUrls.DeathNotificationStatus, extension };
}

/** A date of death, as a time in UTC; neither in the future nor before the birth. */
function parseDeceased(sent: string | undefined, birthDate: string, today: string): string | undefined {
  if (sent === undefined) return undefined;
  const day = sent.slice(0, 10);
  if (day > today || day < birthDate) throw invalidValue(sent, `${babyPath}/deceasedDateTime`);
  return inUtc(sent);
}

function inUtc(time: string): string {
  if (time.length === 10) return `${time}T00:00:00+00:00`;
  return time.endsWith('+00:00') ? time : `${time}+00:00`;
}
