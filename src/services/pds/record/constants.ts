import type { CodeableConcept, Coding, Identifier, Meta } from '../../../platform/fhir/types.ts';
import { extensionUrls, nhsNumberSystem, type Security } from '../patient.ts';

const codeSystem = 'https://fhir.hl7.org.uk/CodeSystem/UKCore-';

/** Code systems of a record as the published examples write them. */
export const systems = {
  confidentiality: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality',
  verification: `${codeSystem}NHSNumberVerificationStatus`,
  deathNotification: `${codeSystem}DeathNotificationStatus`,
  language: `${codeSystem}HumanLanguage`,
  writtenFormat: `${codeSystem}PreferredWrittenCommunicationFormat`,
  contactMethod: `${codeSystem}PreferredContactMethod`,
  otherContact: `${codeSystem}OtherContactSystem`,
  addressKeyType: `${codeSystem}AddressKeyType`,
  relationship: 'http://terminology.hl7.org/CodeSystem/v2-0131',
  removal: 'https://fhir.nhs.uk/CodeSystem/PDS-RemovalReasonExitCode',
} as const;

/** Displays of the confidentiality codes. */
export const securityDisplays: Readonly<Record<Security, string>> = {
  U: 'unrestricted',
  R: 'restricted',
  V: 'very restricted',
};

/** Displays of UKCore-DeathNotificationStatus. */
export const deathDisplays: Readonly<Record<string, string>> = {
  '1': 'Informal - death notice received via an update from a local NHS Organisation such as GP or Trust',
  '2': 'Formal - death notice received from Registrar of Deaths',
  U: 'Removed',
};

/** A concept of one coding. */
export function concept(coding: Coding): CodeableConcept {
  return { coding: [coding] };
}

/** The identifier of a record: the NHS number, present and verified. */
export function numberIdentifier(nhsNumber: string): Identifier[] {
  return [
    {
      system: nhsNumberSystem,
      value: nhsNumber,
      extension: [
        {
          url: extensionUrls.NHSNumberVerificationStatus,
          valueCodeableConcept: concept({
            system: systems.verification,
            version: '1.0.0',
            code: '01',
            display: 'Number present and verified',
          }),
        },
      ],
    },
  ];
}

/** `meta` of a record of this version and confidentiality. */
export function recordMeta(version: number, security: Security): Meta {
  return {
    versionId: String(version),
    security: [{ system: systems.confidentiality, code: security, display: securityDisplays[security] }],
  };
}
