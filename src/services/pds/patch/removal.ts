import { extensionUrls } from '../patient.ts';
import { isUpdatable } from './extension-shapes.ts';
import type { JsonObject } from './json.ts';
import type { List } from './members.ts';
import { checkPatientMayWrite } from './patient-access.ts';
import { forbiddenUpdate, invalidUpdate } from './refusals.ts';
import type { PatchSource } from './source.ts';
import { chosen, published } from './texts.ts';

/** Refuses the removal of a list object that has to stay, or that this source may not remove. */
export function checkMayRemove(list: List, object: JsonObject, source: PatchSource): void {
  if (source.kind === 'patient') checkPatientMayWrite(list, object);
  if (list === 'name' && object.use === 'usual') throw forbiddenUpdate(published.usualNameRemoved());
  if (list === 'generalPractitioner' && !source.isBackOffice) {
    throw forbiddenUpdate(published.mayNotRemove('generalPractitioner'));
  }
  if (list !== 'extension') return;
  if (object.url === extensionUrls.DeathNotificationStatus) throw invalidUpdate(chosen.deathStatusRemoved());
  if (!isUpdatable(object.url)) throw invalidUpdate(chosen.unsupportedExtension(String(object.url)));
}
