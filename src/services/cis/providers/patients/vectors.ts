/** Vectors of trust of patients (contract: nhs-login). */
export type Proofing = 'P0' | 'P5' | 'P9';

const rank: Readonly<Record<Proofing, number>> = { P0: 0, P5: 5, P9: 9 };

export const defaultVectors: readonly string[] = ['P9.Cp.Cd', 'P9.Cp.Ck', 'P9.Cm'];

const form = /^P[059](\.C[pdkm])+$/;
const mostVectors = 20;

/** The vectors of a `vtr` parameter, the default when there is none; undefined when it is not a list of vectors. */
export function vectorsOf(vtr: string | undefined): readonly string[] | undefined {
  if (vtr === undefined) return defaultVectors;
  let given: unknown;
  try {
    given = JSON.parse(vtr);
  } catch {
    return undefined;
  }
  if (!Array.isArray(given) || given.length === 0 || given.length > mostVectors) return undefined;
  const isAll = given.every((one) => typeof one === 'string' && form.test(one));
  return isAll ? (given as string[]) : undefined;
}

const proofingOf = (vector: string) => vector.slice(0, 2) as Proofing;
const credentialsOf = (vector: string) => vector.split('.').slice(1);

/** Whether somebody at `reached` may come where one of `asked` is required: proofed no less, with all it names. */
export function isEnough(asked: readonly string[], reached: string): boolean {
  return asked.some(
    (vector) =>
      rank[proofingOf(reached)] >= rank[proofingOf(vector)] &&
      credentialsOf(vector).every((credential) => credentialsOf(reached).includes(credential)),
  );
}

/**
 * The vector of somebody of this proofing whose credentials a sandbox takes on trust: those of the first vector asked
 * for that the proofing is enough for, otherwise password and known device.
 */
export function takenOnTrust(asked: readonly string[], proofing: Proofing): string {
  const enough = asked.find((vector) => rank[proofing] >= rank[proofingOf(vector)]);
  return `${proofing}.${enough === undefined ? 'Cp.Cd' : credentialsOf(enough).join('.')}`;
}

/** What a log-on really was, by the name its way gives it in `amr`: a passkey, or a password with the code of an app. */
const credentialsByAmr: ReadonlyMap<string, string> = new Map([
  ['FIDO2', 'Cm'],
  ['TOTP', 'Cp.Ck'],
]);

/** The vector of somebody of this proofing who logged on so; undefined for a way that patients do not have. */
export function vectorOf(proofing: Proofing, amr: readonly string[]): string | undefined {
  const credentials = amr.map((one) => credentialsByAmr.get(one));
  return credentials.length === 0 || credentials.includes(undefined)
    ? undefined
    : `${proofing}.${credentials.join('.')}`;
}

/** The ways, by their `amr`, whose credentials do for one of the vectors asked for, by somebody proofed well enough. */
export function waysFor(asked: readonly string[]): readonly string[] {
  return [...credentialsByAmr.keys()].filter((amr) => isEnough(asked, vectorOf('P9', [amr]) as string));
}

/** Whether two factors were used: then what one logs on with may be changed. */
export function hasTwoFactors(vector: string): boolean {
  const credentials = credentialsOf(vector);
  return (
    credentials.includes('Cm') ||
    (credentials.includes('Cp') && credentials.some((one) => one === 'Ck' || one === 'Cd'))
  );
}
