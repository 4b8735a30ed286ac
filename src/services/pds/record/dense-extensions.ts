import type { Coding, Extension } from '../../../platform/fhir/types.ts';
import { extensionUrls, odsSystem } from '../patient.ts';
import { concept, deathDisplays, systems } from './constants.ts';
import { fields, textOf } from './dense-items.ts';
import { packDateTime, unpackDateTime } from './packed-date.ts';
import { tag } from './tags.ts';

const references: Readonly<Record<string, 'P' | 'S' | 'M'>> = {
  [extensionUrls.NominatedPharmacy]: 'P',
  [extensionUrls.PreferredDispenserOrganization]: 'S',
  [extensionUrls.MedicalApplianceSupplier]: 'M',
};

/** An extension of the record in dense form, as far as there is one for its url. */
export function denseExtension(extension: Extension): string | undefined {
  const letter = references[extension.url];
  if (letter !== undefined) return letter + textOf(extension.valueReference?.identifier?.value);
  switch (extension.url) {
    case extensionUrls.DeathNotificationStatus: {
      const time = packDateTime(sub(extension, 'systemEffectiveDate')?.valueDateTime) ?? '';
      return `X${codingOf(extension, 'deathNotificationStatus').code}${time}`;
    }
    case extensionUrls.NHSCommunication: {
      const { code, display } = codingOf(extension, 'language');
      const interpreter = sub(extension, 'interpreterRequired')?.valueBoolean;
      return fields(`L${code}`, display, interpreter === undefined ? '' : interpreter ? '1' : '0');
    }
    case extensionUrls.ContactPreference: {
      const format = codingOf(extension, 'PreferredWrittenCommunicationFormat');
      const method = codingOf(extension, 'PreferredContactMethod');
      const times = textOf(sub(extension, 'PreferredContactTimes')?.valueString);
      return fields(`K${format.code}`, format.display, method.code, method.display, times);
    }
    case extensionUrls.birthPlace: {
      const place = extension.valueAddress;
      return fields(`B${textOf(place?.city)}`, textOf(place?.district), textOf(place?.country));
    }
    case extensionUrls.RemovalFromRegistration: {
      const { code, display } = codingOf(extension, 'removalFromRegistrationCode');
      const period = sub(extension, 'effectiveTime')?.valuePeriod;
      return fields(`Z${code}`, display, packDateTime(period?.start) ?? '', packDateTime(period?.end) ?? '');
    }
    default:
      return undefined;
  }
}

function sub(extension: Extension, url: string): Extension | undefined {
  return Array.isArray(extension.extension) ? extension.extension.find((one) => one?.url === url) : undefined;
}

function codingOf(extension: Extension, url: string): { code: string; display: string } {
  const coding = sub(extension, url)?.valueCodeableConcept?.coding?.[0];
  return { code: textOf(coding?.code), display: textOf(coding?.display) };
}

/** The extension that denseExtension wrote. */
export function extensionIn(item: string): Extension {
  switch (item.charCodeAt(0)) {
    case tag.pharmacy:
      return reference(extensionUrls.NominatedPharmacy, item);
    case tag.dispenser:
      return reference(extensionUrls.PreferredDispenserOrganization, item);
    case tag.appliances:
      return reference(extensionUrls.MedicalApplianceSupplier, item);
    case tag.death:
      return deathIn(item);
    case tag.communication:
      return communicationIn(item.split('^'));
    case tag.preference:
      return preferenceIn(item.split('^'));
    case tag.birthPlace:
      return birthPlaceIn(item.split('^'));
    default:
      return removalIn(item.split('^'));
  }
}

function reference(url: string, item: string): Extension {
  return { url, valueReference: { identifier: { system: odsSystem, value: item.slice(1) } } };
}

function deathIn(item: string): Extension {
  const code = item.charAt(1);
  const coding: Coding = { system: systems.deathNotification, version: '1.0.0', code };
  const display = deathDisplays[code];
  if (display !== undefined) coding.display = display;
  const extension: Extension[] = [{ url: 'deathNotificationStatus', valueCodeableConcept: concept(coding) }];
  const time = item.length > 2 ? unpackDateTime(item.slice(2)) : undefined;
  if (time !== undefined) extension.push({ url: 'systemEffectiveDate', valueDateTime: time });
  return { url: extensionUrls.DeathNotificationStatus, extension };
}

function communicationIn(part: string[]): Extension {
  const extension: Extension[] = [];
  const code = part[0]!.slice(1);
  if (code !== '') {
    const coding: Coding = { system: systems.language, version: '1.0.0', code };
    if (part[1]) coding.display = part[1];
    extension.push({ url: 'language', valueCodeableConcept: concept(coding) });
  }
  if (part[2]) extension.push({ url: 'interpreterRequired', valueBoolean: part[2] === '1' });
  return { url: extensionUrls.NHSCommunication, extension };
}

function preferenceIn(part: string[]): Extension {
  const extension: Extension[] = [];
  const format = part[0]!.slice(1);
  if (format !== '')
    extension.push(chosen('PreferredWrittenCommunicationFormat', systems.writtenFormat, format, part[1]));
  if (part[2]) extension.push(chosen('PreferredContactMethod', systems.contactMethod, part[2], part[3]));
  if (part[4]) extension.push({ url: 'PreferredContactTimes', valueString: part[4] });
  return { url: extensionUrls.ContactPreference, extension };
}

function chosen(url: string, system: string, code: string, display: string | undefined): Extension {
  const coding: Coding = { system, code };
  if (display) coding.display = display;
  return { url, valueCodeableConcept: concept(coding) };
}

function birthPlaceIn(part: string[]): Extension {
  const valueAddress: NonNullable<Extension['valueAddress']> = {};
  const city = part[0]!.slice(1);
  if (city !== '') valueAddress.city = city;
  if (part[1]) valueAddress.district = part[1];
  if (part[2]) valueAddress.country = part[2];
  return { url: extensionUrls.birthPlace, valueAddress };
}

function removalIn(part: string[]): Extension {
  const extension: Extension[] = [];
  const code = part[0]!.slice(1);
  if (code !== '') extension.push(chosen('removalFromRegistrationCode', systems.removal, code, part[1]));
  const valuePeriod: NonNullable<Extension['valuePeriod']> = {};
  if (part[2]) valuePeriod.start = unpackDateTime(part[2])!;
  if (part[3]) valuePeriod.end = unpackDateTime(part[3])!;
  if (part[2] || part[3]) extension.push({ url: 'effectiveTime', valuePeriod });
  return { url: extensionUrls.RemovalFromRegistration, extension };
}
