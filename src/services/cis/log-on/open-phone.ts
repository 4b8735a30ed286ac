import type { Service } from '../../../platform/http/operation.ts';
import { pagesDialect } from '../pages/dialect.ts';
import type { CisParts } from '../parts.ts';
import type { StaffDirectory } from '../staff-directory.ts';
import { phonePath } from './phone/phone-client.ts';
import { phoneOperations } from './phone/phone-operations.ts';
import { phoneWay } from './phone/phone-way.ts';
import { forgetRequests } from './phone/queries-phone.ts';
import type { LogOnWay, SessionOf } from './way.ts';

export type OpenedPhone = {
  readonly way: LogOnWay;
  /** Pages of the phone, below `/cis2/phone`. */
  readonly services: readonly Service[];
  /** Forgets what has had its time; to be done hourly. */
  readonly chore: (now: number) => Promise<unknown>;
};

const day = 86_400_000;

/** Logging on on a desktop by approving it on the phone, where one logs on with a passkey. */
export function openPhone(
  parts: CisParts,
  { directory, sessionOf }: { readonly directory: Pick<StaffDirectory, 'find'>; readonly sessionOf: SessionOf },
): OpenedPhone {
  const { db, vault, audit, address, config } = parts;
  const isGuarded = config.mode === 'production';
  const policy = config.phoneLogOn;
  return {
    way: phoneWay({ db, address, isOn: policy !== 'off' }),
    services: [
      {
        name: 'cis2-phone',
        title: 'Log-on by phone',
        dialect: pagesDialect(phonePath),
        operations: phoneOperations({ db, vault, audit, address, directory, sessionOf, isGuarded, policy }),
      },
    ],
    chore: (now) => forgetRequests(db, now - day),
  };
}
