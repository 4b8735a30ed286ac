import { Refusal } from '../../../../platform/http/refusal.ts';

/** Why a passkey was refused: the code for the audit and for scripts, the words for people. Codes and words are ours. */
const refusals = {
  MALFORMED: [400, 'The answer of the passkey could not be read. Try again.'],
  PASSKEY_CHALLENGE: [401, 'This took too long, or was started somewhere else. Try again.'],
  PASSKEY_UNKNOWN: [401, 'This passkey is not registered here. Use another one, or ask for an enrolment code.'],
  PASSKEY_INVALID: [401, 'The passkey could not be checked. Try again, on this site and with your fingerprint or PIN.'],
  PASSKEY_SUSPECTED: [
    403,
    'There may be a copy of this passkey, so it can no longer be used. Use another one, and tell whoever gave you your account.',
  ],
  PASSKEY_OF_ANOTHER: [403, 'This passkey belongs to another person. Use your own.'],
  PASSKEY_NOT_ACCEPTED: [403, 'The application you came from does not take passkeys.'],
  PASSKEY_LEVEL: [
    403,
    'The application you came from asks for a passkey that cannot leave its device, such as a security key. This one is kept in an account that copies it.',
  ],
  USER_INACTIVE: [403, 'This account is suspended or closed. Ask whoever gave it to you.'],
  PASSKEY_REGISTERED: [409, 'This passkey is registered already.'],
  TOO_MANY: [409, 'You have as many passkeys and apps as one person may have. Remove one first.'],
  ENROL_LEVEL: [
    403,
    'You are logged on with less than this passkey would give. Log on with a security key or smartcard, or ask for an enrolment code.',
  ],
  ENROLMENT_CODE: [403, 'This enrolment code is not valid: it was used, replaced, or is older than a day.'],
  TOO_MANY_TRIES: [429, 'There were too many tries from your network. Wait a few minutes.'],
  SESSION: [401, 'You are not logged on any more.'],
  REAUTHENTICATE: [403, 'Log on again first: you logged on more than five minutes ago.'],
  ORIGIN: [403, 'This request did not come from our own pages.'],
} as const satisfies Record<string, readonly [number, string]>;

export type PasskeyRefusal = keyof typeof refusals;

/** The refusal as scripts read it: `{error, message}`. */
export function refusePasskey(code: PasskeyRefusal): Refusal {
  const [status, message] = refusals[code];
  return new Refusal(status, code, { error: code, message });
}
