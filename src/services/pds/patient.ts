import type { FhirPatient } from '../../platform/fhir/types.ts';
import type { NhsNumber } from '../../platform/nhs/nhs-number.ts';

/**
 * A patient's demographic record as PDS holds it: a FHIR R4 Patient with everything in it, hidden parts of restricted
 * records included. `view.ts` decides what a caller sees of it. `id`, `meta.versionId` and `meta.security` are always
 * there.
 */
export type Patient = FhirPatient & { id: NhsNumber };

/** Confidentiality of a record: unrestricted, restricted (no location), very restricted. */
export type Security = 'U' | 'R' | 'V';

/** Values a record once had, or had deleted; found by history searches only, deleted ones by none. */
export type Former = {
  name?: FhirPatient['name'];
  address?: FhirPatient['address'];
  telecom?: FhirPatient['telecom'];
  gender?: string[];
  deleted?: { telecom?: FhirPatient['telecom']; address?: FhirPatient['address'] };
};

/** A record with what PDS keeps beside it. */
export type StoredPatient = {
  readonly nhsNumber: NhsNumber;
  readonly version: number;
  readonly state: 'active' | 'superseded' | 'invalidated';
  readonly security: Security;
  /** The retained record's number where this one was merged away. */
  readonly survivor: NhsNumber | undefined;
  readonly patient: Patient;
  readonly former: Former | undefined;
};

export const ukCore = 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-';
export const odsSystem = 'https://fhir.nhs.uk/Id/ods-organization-code';
export const nhsNumberSystem = 'https://fhir.nhs.uk/Id/nhs-number';

/** URLs of the extensions a PDS record may carry, by their published short names. */
export const extensionUrls = {
  NominatedPharmacy: `${ukCore}NominatedPharmacy`,
  PreferredDispenserOrganization: `${ukCore}PreferredDispenserOrganization`,
  MedicalApplianceSupplier: `${ukCore}MedicalApplianceSupplier`,
  DeathNotificationStatus: `${ukCore}DeathNotificationStatus`,
  NHSCommunication: `${ukCore}NHSCommunication`,
  ContactPreference: `${ukCore}ContactPreference`,
  RegisteringAuthority: `${ukCore}RegisteringAuthority`,
  EthnicCategory: `${ukCore}EthnicCategory`,
  AddressKey: `${ukCore}AddressKey`,
  OtherContactSystem: `${ukCore}OtherContactSystem`,
  NHSNumberVerificationStatus: `${ukCore}NHSNumberVerificationStatus`,
  birthPlace: 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace',
  RemovalFromRegistration: 'https://fhir.nhs.uk/StructureDefinition/Extension-PDS-RemovalFromRegistration',
} as const;
