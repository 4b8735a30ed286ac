import type { Address, Extension } from '../../platform/fhir/types.ts';
import type { Principal } from '../../platform/identity/principal.ts';
import { extensionUrls, type Patient, type StoredPatient } from './patient.ts';

/** What of a record a caller may see, beyond its confidentiality. */
export type Viewer = {
  /** Location data of restricted patients is shown (privileged applications, on retrieve only). */
  readonly seesRestricted: boolean;
  readonly seesConfidentialRemoval: boolean;
  readonly seesEmptyLines: boolean;
  readonly seesConsent: boolean;
  readonly seesEthnicCategory: boolean;
};

/** The ordinary viewer: no attribute, no privilege. */
export const ordinaryViewer: Viewer = {
  seesRestricted: false,
  seesConfidentialRemoval: false,
  seesEmptyLines: false,
  seesConsent: false,
  seesEthnicCategory: false,
};

const viewers = new WeakMap<Principal, Viewer>();

/** The viewer a principal is on retrieve; attributes are strings, `"true"` switches them on (contract, section 3). */
export function viewerOf(principal: Principal): Viewer {
  let viewer = viewers.get(principal);
  if (!viewer) {
    const has = (name: string) => principal.attributes[name] === 'true';
    viewer = {
      seesRestricted: principal.mode === 'privileged-application-restricted',
      seesConfidentialRemoval: has('return-confidential-reason-for-removal'),
      seesEmptyLines: has('return-empty-address-lines'),
      seesConsent: has('return-nhs-record-sharing-consent'),
      seesEthnicCategory: has('return-ethnic-category'),
    };
    viewers.set(principal, viewer);
  }
  return viewer;
}

const consentUrl = 'https://hl7.org/fhir/R4/consent.html';
const locationExtensions: ReadonlySet<string> = new Set([
  extensionUrls.NominatedPharmacy,
  extensionUrls.PreferredDispenserOrganization,
  extensionUrls.MedicalApplianceSupplier,
  extensionUrls.birthPlace,
]);

/** Removal reasons that tell more than a reader needs; shown as ORR to most (contract, section 4). */
const confidentialRemovals: ReadonlySet<string> = new Set(['AFN', 'SDN', 'LDN']);

/**
 * The record as this viewer sees it: what confidentiality hides is gone, removal reasons are masked, blank address lines
 * left out. A new object wherever something differs; the stored record is not touched.
 */
export function viewPatient(stored: StoredPatient, viewer: Viewer): Patient {
  const patient: Patient = { ...stored.patient };
  if (stored.security !== 'U' && !(stored.security === 'R' && viewer.seesRestricted)) {
    delete patient.address;
    delete patient.telecom;
    delete patient.contact;
    delete patient.generalPractitioner;
    delete patient.managingOrganization;
  }
  if (stored.security === 'V') {
    delete patient.name;
    delete patient.birthDate;
  }
  const hidesLocation = stored.security !== 'U' && !(stored.security === 'R' && viewer.seesRestricted);
  if (patient.extension) {
    const shown = patient.extension.flatMap((extension) => viewExtension(extension, viewer, hidesLocation));
    if (shown.length > 0) patient.extension = shown;
    else delete patient.extension;
  }
  if (patient.address) patient.address = patient.address.map((address) => viewAddress(address, viewer));
  return patient;
}

function viewExtension(extension: Extension, viewer: Viewer, hidesLocation: boolean): Extension[] {
  const { url } = extension;
  if (hidesLocation && locationExtensions.has(url)) return [];
  if (url === extensionUrls.EthnicCategory && !viewer.seesEthnicCategory) return [];
  if (url === consentUrl) return viewer.seesConsent && isSharingConsent(extension) ? [extension] : [];
  if (url === extensionUrls.RemovalFromRegistration) return [maskRemoval(extension, viewer)];
  return [extension];
}

const codeOf = (extension: Extension | undefined): string | undefined =>
  extension?.valueCodeableConcept?.coding?.[0]?.code;

/** Type 4 (record sharing) with value 1 (consent) or 2 (dissent); other consents are not published here. */
function isSharingConsent(extension: Extension): boolean {
  const part = (url: string) => codeOf(extension.extension?.find((member) => member.url === url));
  return part('consentType') === '4' && ['1', '2'].includes(part('consentValue') ?? '');
}

function maskRemoval(extension: Extension, viewer: Viewer): Extension {
  const parts = extension.extension ?? [];
  const code = codeOf(parts.find((part) => part.url === 'removalFromRegistrationCode'));
  const isShown =
    code === undefined || !confidentialRemovals.has(code) || (viewer.seesConfidentialRemoval && code !== 'LDN');
  if (isShown) return extension;
  return {
    ...extension,
    extension: parts.map((part) =>
      part.url === 'removalFromRegistrationCode'
        ? {
            ...part,
            valueCodeableConcept: {
              coding: [{ ...part.valueCodeableConcept?.coding?.[0], code: 'ORR', display: 'Other Reason' }],
            },
          }
        : part,
    ),
  };
}

const isBlank = (line: string | null): boolean => line === null || line.trim() === '';

/**
 * Blank lines are left out, or, for applications that ask for them, shown as null with an absence marked at the same
 * index of `_line`.
 */
function viewAddress(address: Address, viewer: Viewer): Address {
  if (!address.line?.some(isBlank)) return address;
  if (!viewer.seesEmptyLines) {
    const lines = address.line.filter((line) => !isBlank(line));
    const { line: _, ...rest } = address;
    return lines.length > 0 ? { ...rest, line: lines } : rest;
  }
  const absent = {
    extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'not-applicable' }],
  };
  return {
    ...address,
    line: address.line.map((line) => (isBlank(line) ? null : line)),
    _line: address.line.map((line) => (isBlank(line) ? absent : null)),
  };
}

/**
 * The record as a search shows it (contract, section 5): usual, nickname and temporary names, home address, death
 * notification as the only extension; no former names, pharmacies, preferences, birthplace, removal or consent.
 */
export function viewInSearch(stored: StoredPatient): Patient {
  const seen = viewPatient(stored, ordinaryViewer);
  const result: Patient = { resourceType: 'Patient', id: seen.id };
  if (seen.identifier) result.identifier = seen.identifier;
  if (seen.meta) result.meta = seen.meta;
  const names = seen.name?.filter((name) => name.use === 'usual' || name.use === 'nickname' || name.use === 'temp');
  if (names && names.length > 0) result.name = names;
  if (seen.gender !== undefined) result.gender = seen.gender;
  if (seen.birthDate !== undefined) result.birthDate = seen.birthDate;
  if (seen.multipleBirthInteger !== undefined) result.multipleBirthInteger = seen.multipleBirthInteger;
  if (seen.deceasedDateTime !== undefined) result.deceasedDateTime = seen.deceasedDateTime;
  const home = seen.address?.filter((address) => address.use === 'home');
  if (home && home.length > 0) result.address = home;
  if (seen.telecom) result.telecom = seen.telecom;
  if (seen.contact) result.contact = seen.contact;
  if (seen.generalPractitioner) result.generalPractitioner = seen.generalPractitioner;
  const death = seen.extension?.filter((extension) => extension.url === extensionUrls.DeathNotificationStatus);
  if (death && death.length > 0) result.extension = death;
  return result;
}
