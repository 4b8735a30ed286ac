import type { Address, Extension } from '../../../platform/fhir/types.ts';
import { extensionUrls } from '../patient.ts';
import { isObject } from './json.ts';
import { conceptShape, pharmacyShape } from './object-shapes.ts';
import { invalidUpdate, invalidValue, missingValue } from './refusals.ts';
import { boolean, filledText, listOf, objectOf, type Shape, text } from './shape.ts';
import { chosen } from './texts.ts';

const pharmacy = objectOf<Extension>({ url: filledText, valueReference: pharmacyShape });

/** The extensions of a Patient that an update may touch, by URL. */
const shapes: ReadonlyMap<unknown, Shape<Extension>> = new Map([
  [extensionUrls.NominatedPharmacy, pharmacy],
  [extensionUrls.PreferredDispenserOrganization, pharmacy],
  [extensionUrls.MedicalApplianceSupplier, pharmacy],
  [
    extensionUrls.DeathNotificationStatus,
    partsOf({
      deathNotificationStatus: { valueCodeableConcept: conceptShape },
      systemEffectiveDate: { valueDateTime: filledText },
    }),
  ],
  [
    extensionUrls.NHSCommunication,
    partsOf({
      language: { valueCodeableConcept: conceptShape },
      interpreterRequired: { valueBoolean: boolean },
    }),
  ],
  [
    extensionUrls.ContactPreference,
    partsOf({
      PreferredWrittenCommunicationFormat: { valueCodeableConcept: conceptShape },
      PreferredContactMethod: { valueCodeableConcept: conceptShape },
      PreferredContactTimes: { valueString: text },
    }),
  ],
  [
    extensionUrls.birthPlace,
    objectOf<Extension>({
      url: filledText,
      valueAddress: objectOf<Address>({ city: filledText, district: filledText, country: filledText }),
    }),
  ],
] as [string, Shape<Extension>][]);

/** True for the URL of an extension that can be updated. */
export function isUpdatable(url: unknown): boolean {
  return shapes.has(url);
}

/** An extension of a Patient in the shape its URL asks for. */
export const extensionShape: Shape<Extension> = (value, path) => {
  if (!isObject(value)) throw invalidValue(value, path);
  if (!Object.hasOwn(value, 'url')) throw missingValue(`${path}/url`);
  const shape = shapes.get(filledText(value.url, `${path}/url`));
  if (!shape) throw invalidUpdate(chosen.unsupportedExtension(String(value.url)));
  return shape(value, path);
};

/** An extension made of others, each of a known `url`, of its own shape, complete and there once at most. */
function partsOf(
  parts: Record<string, { [K in keyof Extension]?: Shape<NonNullable<Extension[K]>> }>,
): Shape<Extension> {
  const partShapes = new Map(
    Object.entries(parts).map(([url, members]) => [
      url,
      { shape: objectOf<Extension>({ url: filledText, ...members }), value: Object.keys(members)[0] ?? '' },
    ]),
  );
  const part: Shape<Extension> = (value, path) => {
    if (!isObject(value)) throw invalidValue(value, path);
    if (!Object.hasOwn(value, 'url')) throw missingValue(`${path}/url`);
    const known = partShapes.get(filledText(value.url, `${path}/url`));
    if (!known) throw invalidValue(value.url, `${path}/url`);
    if (!Object.hasOwn(value, known.value)) throw missingValue(`${path}/${known.value}`);
    return known.shape(value, path);
  };
  const whole = objectOf<Extension>({ url: filledText, extension: listOf(part) });
  return (value, path) => {
    const extension = whole(value, path);
    if (!extension.extension?.length) throw missingValue(`${path}/extension`);
    for (const [index, { url }] of extension.extension.entries()) {
      if (extension.extension.findIndex((other) => other.url === url) < index) {
        throw invalidValue(url, `${path}/extension/${index}/url`);
      }
    }
    return extension;
  };
}
