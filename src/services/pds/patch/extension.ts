import type { Extension } from '../../../platform/fhir/types.ts';
import { parseOdsCode } from '../../../platform/nhs/ods-code.ts';
import { extensionUrls, odsSystem } from '../patient.ts';
import { deathDisplays, systems } from '../record/constants.ts';
import { type CodeList, settledConcept } from './coded.ts';
import { countries } from './countries.ts';
import { isTouched, type Touched } from './field.ts';
import { isEqual } from './json.ts';
import { languages } from './languages.ts';
import { forbiddenUpdate, invalidUpdate, invalidValue, missingValue } from './refusals.ts';
import { chosen, published } from './texts.ts';

const version = '1.0.0';
/** Status `U` (removed) can be read but not set. */
const deathStatuses: CodeList = {
  system: systems.deathNotification,
  version,
  displays: { '1': deathDisplays['1'] ?? '', '2': deathDisplays['2'] ?? '' },
};
const languageCodes: CodeList = { system: systems.language, version, displays: languages };
const writtenFormats: CodeList = {
  system: systems.writtenFormat,
  displays: { '11': 'Large print', '12': 'Braille', '13': 'Audio tape' },
};
const contactMethods: CodeList = {
  system: systems.contactMethod,
  displays: {
    '1': 'Letter',
    '2': 'Visit',
    '3': 'Telephone',
    '4': 'E-mail',
    '5': 'Minicom (Textphone)',
    '6': 'Telephone contact via proxy',
    '7': 'Sign language',
    '8': 'No Telephone contact',
    '9': 'SMS',
  },
};
const longestContactTimes = 40;

type Settle = (touched: Touched<Extension>) => Extension;

const settles: ReadonlyMap<string, Settle> = new Map<string, Settle>([
  [extensionUrls.NominatedPharmacy, settledPharmacy],
  [extensionUrls.PreferredDispenserOrganization, settledPharmacy],
  [extensionUrls.MedicalApplianceSupplier, settledPharmacy],
  [extensionUrls.DeathNotificationStatus, settledDeathStatus],
  [extensionUrls.NHSCommunication, settledCommunication],
  [extensionUrls.ContactPreference, settledPreference],
  [extensionUrls.birthPlace, settledBirthPlace],
]);

/** A touched extension by the published rules of its kind, with its defaults. */
export function settledExtension(touched: Touched<Extension>): Extension {
  const settle = settles.get(touched.after.url);
  if (!settle) throw invalidUpdate(chosen.unsupportedExtension(touched.after.url));
  return settle(touched);
}

/** Refuses a second extension of the same kind that the request brought. */
export function checkExtensions(extensions: readonly Extension[], added: readonly Extension[]): void {
  for (const { url } of added) {
    if (extensions.filter((extension) => extension.url === url).length > 1) {
      throw invalidUpdate(chosen.secondExtension(url));
    }
  }
}

/** The code of a death notification: `1` informal, `2` formal, `U` removed. */
export function deathCode(extensions: readonly Extension[] | undefined): string | undefined {
  return partOf(
    extensions?.find((extension) => extension.url === extensionUrls.DeathNotificationStatus),
    'deathNotificationStatus',
  )?.valueCodeableConcept?.coding?.[0]?.code;
}

function settledPharmacy({ after, path }: Touched<Extension>): Extension {
  const at = `${path}/valueReference`;
  if (!after.valueReference) throw missingValue(at);
  const { identifier } = after.valueReference;
  if (!identifier) throw missingValue(`${at}/identifier`);
  if (identifier.system !== undefined && identifier.system !== odsSystem) {
    throw invalidValue(identifier.system, `${at}/identifier/system`);
  }
  if (identifier.value === undefined) throw missingValue(`${at}/identifier/value`);
  if (parseOdsCode(identifier.value) === undefined) throw invalidValue(identifier.value, `${at}/identifier/value`);
  return { url: after.url, valueReference: { identifier: { system: odsSystem, value: identifier.value } } };
}

function settledDeathStatus({ after, before, path, source, today }: Touched<Extension>): Extension {
  const wasFormal = before && deathCode([before]) === '2';
  if (wasFormal) throw invalidUpdate(chosen.deathFormal('DeathNotificationStatus'));
  const index = indexOfPart(after, 'deathNotificationStatus');
  if (index < 0) throw missingValue(`${path}/extension/deathNotificationStatus`);
  const status = settledConcept(
    after.extension?.[index]?.valueCodeableConcept,
    `${path}/extension/${index}/valueCodeableConcept`,
    deathStatuses,
  );
  if (status.coding[0].code === '2' && !source.mayNotifyFormally) {
    throw forbiddenUpdate(chosen.mayNotNotifyFormally());
  }
  return {
    url: after.url,
    extension: [
      { url: 'deathNotificationStatus', valueCodeableConcept: status },
      { url: 'systemEffectiveDate', valueDateTime: `${today}T00:00:00+00:00` },
    ],
  };
}

function settledCommunication(touched: Touched<Extension>): Extension {
  const { after, before } = touched;
  if (partOf(before, 'interpreterRequired') && !partOf(after, 'interpreterRequired')) {
    throw invalidUpdate(published.interpreterRemoved());
  }
  return settledParts(touched, (part, at) => {
    if (part.url !== 'language') return part;
    if (part.valueCodeableConcept?.coding?.some((coding) => coding.code === 'en')) {
      throw invalidUpdate(chosen.englishLanguage());
    }
    return {
      url: part.url,
      valueCodeableConcept: settledConcept(part.valueCodeableConcept, `${at}/valueCodeableConcept`, languageCodes),
    };
  });
}

function settledPreference(touched: Touched<Extension>): Extension {
  const { after, before } = touched;
  const lacksMethod = (extension: Extension) =>
    partOf(extension, 'PreferredContactTimes') && !partOf(extension, 'PreferredContactMethod');
  const lackedMethod = before && lacksMethod(before);
  if (lacksMethod(after) && !lackedMethod) throw invalidUpdate(chosen.timeNeedsMethod());
  return settledParts(touched, (part, at) => {
    if (part.url === 'PreferredContactTimes') {
      const times = part.valueString?.trim() ?? '';
      if (times === '' || times.length > longestContactTimes) throw invalidValue(part.valueString, `${at}/valueString`);
      return { url: part.url, valueString: times };
    }
    const codes = part.url === 'PreferredContactMethod' ? contactMethods : writtenFormats;
    const valueCodeableConcept = settledConcept(part.valueCodeableConcept, `${at}/valueCodeableConcept`, codes);
    return { url: part.url, valueCodeableConcept };
  });
}

function settledBirthPlace(touched: Touched<Extension>): Extension {
  const { after, before, path } = touched;
  const place = after.valueAddress;
  if (!place) throw missingValue(`${path}/valueAddress`);
  if (Object.keys(place).length === 0) throw invalidUpdate(chosen.birthPlaceEmpty());
  const isCountryTouched = before?.valueAddress?.country !== place.country;
  if (place.country !== undefined && isCountryTouched && !countries.has(place.country)) {
    throw invalidValue(place.country, `${path}/valueAddress/country`);
  }
  return { url: after.url, valueAddress: place };
}

/** Settles each part of an extension; parts that are as they were stay so. */
function settledParts(touched: Touched<Extension>, settle: (part: Extension, path: string) => Extension): Extension {
  const { after, before, path } = touched;
  if (!isTouched(touched, 'extension')) return after;
  const isKept = (part: Extension) => before?.extension?.some((old) => isEqual(old, part)) === true;
  const parts = (after.extension ?? []).map((part, index) =>
    isKept(part) ? part : settle(part, `${path}/extension/${index}`),
  );
  return { url: after.url, extension: parts };
}

function indexOfPart(extension: Extension | undefined, url: string): number {
  return extension?.extension?.findIndex((part) => part.url === url) ?? -1;
}

function partOf(extension: Extension | undefined, url: string): Extension | undefined {
  return extension?.extension?.[indexOfPart(extension, url)];
}
