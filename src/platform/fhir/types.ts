/**
 * The FHIR R4 datatypes the services exchange, as far as they use them. All members optional as in FHIR JSON; what is
 * required is a rule of the operation that receives them.
 */
export type Coding = { system?: string; version?: string; code?: string; display?: string };
export type CodeableConcept = { coding?: Coding[]; text?: string };
export type Period = { start?: string; end?: string };
export type Identifier = {
  system?: string;
  value?: string;
  use?: string;
  period?: Period;
  assigner?: { display?: string; identifier?: Identifier };
  extension?: Extension[];
};
export type Reference = { id?: string; type?: string; reference?: string; identifier?: Identifier; display?: string };
export type Extension = {
  id?: string;
  url: string;
  extension?: Extension[];
  valueString?: string;
  valueBoolean?: boolean;
  valueInteger?: number;
  valuePositiveInt?: number;
  valueDateTime?: string;
  valueCode?: string;
  valueCoding?: Coding;
  valueCodeableConcept?: CodeableConcept;
  valuePeriod?: Period;
  valueReference?: Reference;
  valueAddress?: Address;
};
export type HumanName = {
  id?: string;
  use?: string;
  period?: Period;
  family?: string;
  given?: string[];
  prefix?: string[];
  suffix?: string[];
};
export type Address = {
  id?: string;
  use?: string;
  text?: string;
  line?: (string | null)[];
  _line?: (object | null)[];
  city?: string;
  district?: string;
  country?: string;
  postalCode?: string;
  period?: Period;
  extension?: Extension[];
};
export type ContactPoint = {
  id?: string;
  system?: string;
  value?: string;
  use?: string;
  period?: Period;
  extension?: Extension[];
};
export type PatientContact = {
  id?: string;
  relationship?: CodeableConcept[];
  telecom?: ContactPoint[];
  period?: Period;
};
export type Meta = { versionId?: string; security?: Coding[]; lastUpdated?: string };

/** FHIR R4 Patient in the shape PDS publishes. */
export type FhirPatient = {
  resourceType: 'Patient';
  id?: string;
  identifier?: Identifier[];
  meta?: Meta;
  name?: HumanName[];
  gender?: string;
  birthDate?: string;
  multipleBirthInteger?: number;
  deceasedDateTime?: string;
  generalPractitioner?: Reference[];
  managingOrganization?: Reference;
  extension?: Extension[];
  telecom?: ContactPoint[];
  contact?: PatientContact[];
  address?: Address[];
};

/** FHIR Bundle as the services answer it. */
export type Bundle = {
  resourceType: 'Bundle';
  type: string;
  timestamp?: string;
  total?: number;
  meta?: Meta;
  entry?: { fullUrl?: string; resource?: unknown; search?: { mode?: string; score?: number }; request?: unknown }[];
};
