import { isDate } from '../../../platform/nhs/dates.ts';
import { isNhsNumber } from '../../../platform/nhs/nhs-number.ts';
import { parseOdsCode } from '../../../platform/nhs/ods-code.ts';
import { countries } from '../patch/countries.ts';
import { extensionUrls } from '../patient.ts';
import { missingValue } from '../refused-values.ts';
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
  tuple,
  under,
  valueThat,
  wholeNumber,
} from '../shape.ts';
import { birthDateShape, genderShape, personMembers } from './create-rules.ts';
import { ethnicCategories } from './ethnic-categories.ts';
import { readExtensions, unreadExtensions } from './extension-rules.ts';

const birthTimeUrl = 'http://hl7.org/fhir/StructureDefinition/patient-birthTime';
export const ethnicSystem = 'https://fhir.hl7.org.uk/CodeSystem/UKCore-EthnicCategoryEngland';

/** A date, or a date and time in UTC. */
const utcDateTime = /^[0-9]{4}-[0-9]{2}-[0-9]{2}(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\+00:00)?)?$/;
/** A date and time with an offset, or without one. */
const dateTime =
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])?$/;

const timeIn = (form: RegExp): Shape =>
  valueThat((value) => typeof value === 'string' && form.test(value) && isDate(value.slice(0, 10)));

/** A member that is reported by a name of its own, as published for a baby's gender and date of birth. */
const reportedAs =
  (name: string, shape: Shape): Shape =>
  (value, _path, later) =>
    shape(value, name, later);

const country = valueThat((code) => countries.has(code as string));

const placeMembers = object({ text, city: text, district: text, country });
/** One of city, district and country is needed; a text alone says nothing that is kept. */
const birthPlace: Shape = (value, path, later) => {
  placeMembers(value, path, later);
  const place = value as Record<string, unknown>;
  if (!['city', 'district', 'country'].some((member) => Object.hasOwn(place, member))) {
    throw missingValue(under(path, 'city'));
  }
};

const babyExtensions: Readonly<Record<string, Shape>> = {
  ...unreadExtensions,
  ...readExtensions,
  [extensionUrls.birthPlace]: object({ valueAddress: birthPlace }, { required: ['valueAddress'] }),
  [extensionUrls.EthnicCategory]: object(
    {
      valueCodeableConcept: codedAs(
        valueThat((code) => ethnicCategories.has(code as string)),
        { system: ethnicSystem },
      ),
    },
    { required: ['valueCodeableConcept'] },
  ),
  [extensionUrls.DeathNotificationStatus]: object(
    {
      extension: list(
        byUrl({
          deathNotificationStatus: object(
            { valueCodeableConcept: codedAs(oneOf('1', '2', 'U')) },
            { required: ['valueCodeableConcept'] },
          ),
          systemEffectiveDate: object({ valueDateTime: timeIn(utcDateTime) }, { required: ['valueDateTime'] }),
        }),
        { min: 1, max: 2 },
      ),
    },
    { required: ['extension'] },
  ),
};

const birthTime = object(
  {
    extension: list(
      object({ url: oneOf(birthTimeUrl), valueDateTime: timeIn(dateTime) }, { required: ['url', 'valueDateTime'] }),
      { min: 1, max: 1 },
    ),
  },
  { required: ['extension'] },
);

/** Telecom is accepted for a newborn and not looked at, as the published examples need. */
const baby = object(
  {
    resourceType: oneOf('Patient'),
    ...personMembers,
    gender: reportedAs('gender', genderShape),
    birthDate: reportedAs('birthDate', birthDateShape),
    _birthDate: birthTime,
    multipleBirthInteger: wholeNumber(1, 9),
    deceasedDateTime: timeIn(utcDateTime),
    extension: list(byUrl(babyExtensions)),
  },
  { required: ['resourceType', 'name', 'address', 'gender', 'birthDate', '_birthDate', 'extension'] },
);

const snomed = 'http://snomed.info/sct';

function observation(code: string, member: string, value: Shape): Shape {
  return object(
    {
      resourceType: oneOf('Observation'),
      code: object(
        {
          coding: list(object({ system: oneOf(snomed), code: oneOf(code) }, { required: ['code'] }), {
            min: 1,
            max: 1,
          }),
        },
        { required: ['coding'] },
      ),
      [member]: value,
    },
    { required: ['resourceType', 'code', member] },
  );
}

const quantity = (least: number, most: number) => object({ value: wholeNumber(least, most) }, { required: ['value'] });

const identifiedBy = (value: Shape) => list(object({ value }, { required: ['value'] }), { min: 1 });
const nhsNumber = valueThat(isNhsNumber);
const odsCode = valueThat((code) => parseOdsCode(code) !== undefined);
const coded = (code: Shape) =>
  list(object({ coding: list(object({ code }, { required: ['code'] }), { min: 1 }) }, { required: ['coding'] }), {
    min: 1,
  });

const resources: readonly Shape[] = [
  baby,
  observation('364589006', 'valueQuantity', quantity(1000, 9999)),
  observation('237364002', 'valueCodeableConcept', codedAs(oneOf('1', '2', '3', '4'))),
  observation('268477000', 'valueQuantity', quantity(1, 99)),
  observation('246435002', 'valueInteger', wholeNumber(1, 9)),
  observation('66091009', 'valueCodeableConcept', codedAs(matching(/^[A-Za-z0-9]{1,10}$/))),
  object(
    {
      resourceType: oneOf('RelatedPerson'),
      identifier: identifiedBy(nhsNumber),
      relationship: coded(oneOf('GESTM')),
    },
    { required: ['resourceType', 'identifier', 'relationship'] },
  ),
  object({ resourceType: oneOf('Patient') }, { required: ['resourceType'] }),
  object(
    { resourceType: oneOf('Organization'), identifier: identifiedBy(odsCode) },
    { required: ['resourceType', 'identifier'] },
  ),
  object(
    { resourceType: oneOf('Location'), identifier: identifiedBy(odsCode) },
    { required: ['resourceType', 'identifier'] },
  ),
  object({ resourceType: oneOf('CareTeam'), participant: list(anything) }, { required: ['resourceType'] }),
  object({ resourceType: oneOf('Practitioner') }, { required: ['resourceType'] }),
];

const entry = (resource: Shape): Shape => object({ resource }, { required: ['resource'] });

/** A birth notification: a transaction of exactly twelve entries in the published order. */
export const birthShape: Shape = object(
  { resourceType: oneOf('Bundle'), type: oneOf('transaction'), entry: tuple(resources.map(entry)) },
  { required: ['resourceType', 'type', 'entry'] },
);
