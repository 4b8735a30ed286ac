import type {
  Address,
  CodeableConcept,
  Coding,
  ContactPoint,
  Extension,
  HumanName,
  Identifier,
  PatientContact,
  Period,
  Reference,
} from '../../../platform/fhir/types.ts';
import { filledText, ignored, listOf, objectOf, type Shape, text, textOrNull } from './shape.ts';

/** The shapes of the objects an update may hold; their members stand in the order the service writes them. */
const periodShape = objectOf<Period>({ start: filledText, end: filledText });

const codingShape = objectOf<Coding>({
  system: filledText,
  version: filledText,
  code: filledText,
  display: text,
});

export const conceptShape = objectOf<CodeableConcept>({ coding: listOf(codingShape) });

const organisationShape = objectOf<Identifier>({ system: filledText, value: filledText, period: periodShape });

export const practiceShape: Shape<Reference> = objectOf<Reference>({
  id: filledText,
  type: filledText,
  identifier: organisationShape,
});

/** A pharmacy by its ODS code; no effective dates are kept of pharmacies. */
export const pharmacyShape = objectOf<Reference>({
  type: filledText,
  identifier: objectOf<Identifier>({ system: filledText, value: filledText, period: ignored }),
});

export const nameShape = objectOf<HumanName>({
  id: filledText,
  use: filledText,
  period: periodShape,
  given: listOf(filledText),
  family: filledText,
  prefix: listOf(text),
  suffix: listOf(text),
});

const keyPartShape = objectOf<Extension>({ url: filledText, valueCoding: codingShape, valueString: filledText });

export const addressShape = objectOf<Address>({
  id: filledText,
  period: periodShape,
  use: filledText,
  text: filledText,
  line: listOf(textOrNull),
  _line: ignored,
  postalCode: filledText,
  extension: listOf(objectOf<Extension>({ url: filledText, extension: listOf(keyPartShape) })),
});

const otherSystemShape = objectOf<Extension>({ url: filledText, valueCoding: codingShape });

export const telecomShape = objectOf<ContactPoint>({
  id: filledText,
  period: periodShape,
  system: filledText,
  value: filledText,
  use: filledText,
  extension: listOf(otherSystemShape),
});

export const contactShape = objectOf<PatientContact>({
  id: filledText,
  period: periodShape,
  relationship: listOf(conceptShape),
  telecom: listOf(telecomShape),
});
