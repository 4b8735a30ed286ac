import type { CodeableConcept, Extension } from '../../../platform/fhir/types.ts';
import { languages } from '../patch/languages.ts';
import { extensionUrls, ukCore } from '../patient.ts';
import { systems } from '../record/constants.ts';
import { invalidValue, missingValue, tooManyValues, unsupportedCharacters } from '../refused-values.ts';
import {
  anything,
  byUrl,
  codedAs,
  list,
  matching,
  object,
  oneOf,
  type Shape,
  text,
  under,
  valueThat,
} from '../shape.ts';
import { isStorableText } from '../storable-text.ts';

const authoritySystem = 'https://fhir.nhs.uk/CodeSystem/UKCore-RegisteringAuthorityType';

const writtenFormats: ReadonlyMap<string, string> = new Map([
  ['11', 'Large print'],
  ['12', 'Braille'],
  ['13', 'Audio tape'],
]);

const contactMethods: ReadonlyMap<string, string> = new Map([
  ['1', 'Letter'],
  ['2', 'Visit'],
  ['3', 'Telephone'],
  ['4', 'E-mail'],
  ['5', 'Minicom (Textphone)'],
  ['6', 'Telephone contact via proxy'],
  ['7', 'Sign language'],
  ['8', 'No Telephone contact'],
  ['9', 'SMS'],
]);

const among = (displays: ReadonlyMap<string, string>): Shape => valueThat((code) => displays.has(code as string));

const registeringAuthorityType = object(
  {
    coding: list(
      object({ system: oneOf(authoritySystem), code: matching(/^[a-x1]$/) }, { required: ['system', 'code'] }),
      { min: 1, max: 1 },
    ),
  },
  { required: ['coding'] },
);

const parts = (shapes: Readonly<Record<string, Shape>>, size: { min?: number; max?: number }): Shape =>
  object({ extension: list(byUrl(shapes), size) }, { required: ['extension'] });

const withConcept = (concept: Shape): Shape =>
  object({ valueCodeableConcept: concept }, { required: ['valueCodeableConcept'] });

/** Extensions that are read, by their url. */
export const readExtensions: Readonly<Record<string, Shape>> = {
  [extensionUrls.RegisteringAuthority]: parts(
    {
      registeringAuthorityType: withConcept(registeringAuthorityType),
      organisationIdentifier: object(
        { valueString: valueThat((code) => typeof code === 'string' && code.length >= 2 && code.length <= 15) },
        { required: ['valueString'] },
      ),
    },
    { min: 2, max: 2 },
  ),
  [extensionUrls.NHSCommunication]: parts(
    {
      language: withConcept(
        codedAs(
          valueThat((code) => typeof code === 'string' && code !== 'en' && Object.hasOwn(languages, code)),
          {
            system: systems.language,
          },
        ),
      ),
      interpreterRequired: object(
        { valueBoolean: valueThat((value) => typeof value === 'boolean') },
        { required: ['valueBoolean'] },
      ),
    },
    { min: 1, max: 2 },
  ),
  [extensionUrls.ContactPreference]: parts(
    {
      PreferredWrittenCommunicationFormat: withConcept(
        codedAs(among(writtenFormats), { system: systems.writtenFormat }),
      ),
      PreferredContactMethod: withConcept(codedAs(among(contactMethods), { system: systems.contactMethod })),
      PreferredContactTimes: object({ valueString: text }, { required: ['valueString'] }),
    },
    { max: 3 },
  ),
};

/** Extensions that a create request may carry and that are not stored; nothing of them but the url is read. */
export const unreadExtensions: Readonly<Record<string, Shape>> = Object.fromEntries(
  [
    extensionUrls.birthPlace,
    `${ukCore}BirthSex`,
    'http://hl7.org/fhir/StructureDefinition/patient-cadavericDonor',
    extensionUrls.DeathNotificationStatus,
    extensionUrls.EthnicCategory,
    `${ukCore}ResidentialStatus`,
    'http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired',
    `${ukCore}NHSNumberUnavailableReason`,
  ].map((url) => [url, anything]),
);

/** Who registers the patient: a type (a to x, or 1) and an organisation. */
export type RegisteringAuthority = { readonly type: string; readonly organisation: string };

/** The place in `extensions` of the one with this url, -1 when there is none; two of them are too many. */
export function placeOf(url: string, extensions: readonly Extension[], path: string): number {
  const at = extensions.findIndex((extension) => extension.url === url);
  if (extensions.findLastIndex((extension) => extension.url === url) !== at) throw tooManyValues(extensions, path);
  return at;
}

/** The mandatory RegisteringAuthority, from extensions that have the shape. */
export function parseRegisteringAuthority(extensions: readonly Extension[], path: string): RegisteringAuthority {
  const at = placeOf(extensionUrls.RegisteringAuthority, extensions, path);
  if (at < 0) throw missingValue(path);
  const own = under(under(path, at), 'extension');
  const members = membersOf(extensions[at] as Extension, own);
  const type = members.get('registeringAuthorityType');
  const organisation = members.get('organisationIdentifier');
  if (!type || !organisation) throw missingValue(own);
  const code = organisation.valueString as string;
  if (!isStorableText(code)) throw unsupportedCharacters(code, own);
  return { type: codeOf(type), organisation: code };
}

/** NHSCommunication and ContactPreference as they are kept, displays filled in; those of them that were sent. */
export function parsePreferences(extensions: readonly Extension[], path: string): Extension[] {
  const kept: Extension[] = [];
  const communication = placeOf(extensionUrls.NHSCommunication, extensions, path);
  if (communication >= 0)
    kept.push(parseCommunication(extensions[communication] as Extension, under(path, communication)));
  const preference = placeOf(extensionUrls.ContactPreference, extensions, path);
  if (preference >= 0) {
    const parsed = parseContactPreference(extensions[preference] as Extension, under(path, preference));
    if (parsed) kept.push(parsed);
  }
  return kept;
}

function parseCommunication(sent: Extension, path: string): Extension {
  const own = under(path, 'extension');
  const members = membersOf(sent, own);
  const language = members.get('language');
  if (!language) throw missingValue(own);
  const code = codeOf(language);
  const coding = { system: systems.language, version: '1.0.0', code, display: languages[code] as string };
  const extension: Extension[] = [{ url: 'language', valueCodeableConcept: { coding: [coding] } }];
  const interpreter = members.get('interpreterRequired')?.valueBoolean;
  if (interpreter !== undefined) extension.push({ url: 'interpreterRequired', valueBoolean: interpreter });
  return { url: extensionUrls.NHSCommunication, extension };
}

function parseContactPreference(sent: Extension, path: string): Extension | undefined {
  const own = under(path, 'extension');
  const members = membersOf(sent, own);
  const extension: Extension[] = [];
  const format = members.get('PreferredWrittenCommunicationFormat');
  if (format)
    extension.push({ url: format.url, valueCodeableConcept: conceptOf(format, systems.writtenFormat, writtenFormats) });
  const method = members.get('PreferredContactMethod');
  if (method)
    extension.push({ url: method.url, valueCodeableConcept: conceptOf(method, systems.contactMethod, contactMethods) });
  const times = members.get('PreferredContactTimes')?.valueString?.trim();
  if (times !== undefined && times !== '') {
    if (!isStorableText(times)) throw unsupportedCharacters(times, own);
    if (times.length > 40) throw invalidValue(times, own);
    if (!method) throw missingValue(own);
    extension.push({ url: 'PreferredContactTimes', valueString: times });
  }
  return extension.length > 0 ? { url: extensionUrls.ContactPreference, extension } : undefined;
}

function conceptOf(part: Extension, system: string, displays: ReadonlyMap<string, string>): CodeableConcept {
  const code = codeOf(part);
  return { coding: [{ system, code, display: displays.get(code) as string }] };
}

/** The parts of an extension by their url; two of a kind are too many. */
function membersOf(extension: Extension, path: string): Map<string, Extension> {
  const members = new Map<string, Extension>();
  for (const part of extension.extension ?? []) {
    if (members.has(part.url)) throw tooManyValues(extension.extension, path);
    members.set(part.url, part);
  }
  return members;
}

/** The code of a part that has the shape of one coding. */
export function codeOf(part: Extension): string {
  return part.valueCodeableConcept?.coding?.[0]?.code as string;
}
