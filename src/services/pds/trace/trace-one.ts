import type { StoredPatient } from '../patient.ts';
import { ordinaryViewer, viewPatient } from '../view.ts';
import { postcodeKey } from './keys.ts';
import { type SearchDeps, searchPatients } from './search.ts';
import type { Gender } from './search-criteria.ts';

/** What is known of somebody who is to be traced; what isn't known is left out. */
export type TraceRequest = {
  readonly nhsNumber?: string | undefined;
  /** yyyy-mm-dd. */
  readonly bornOn: string;
  readonly familyName?: string | undefined;
  readonly givenName?: string | undefined;
  readonly gender?: Gender | undefined;
  readonly postcode?: string | undefined;
};

/** A traced person as an ordinary reader sees them: of a restricted record no place and no contact. Dates yyyy-mm-dd. */
export type TracedPatient = {
  readonly nhsNumber: string;
  readonly familyName: string;
  readonly givenName: string;
  readonly otherGivenNames: string;
  readonly gender: Gender | undefined;
  readonly bornOn: string;
  readonly diedOn: string;
  readonly addressLines: readonly string[];
  readonly postcode: string;
  readonly practice: string;
  readonly registeredOn: string;
  readonly telephone: string;
  readonly mobile: string;
  readonly email: string;
  readonly isRestricted: boolean;
};

export type Traced =
  | { readonly outcome: 'found'; readonly by: 'cross-check' | 'alphanumeric'; readonly patient: TracedPatient }
  | { readonly outcome: 'none' | 'several' };

type TraceDeps = SearchDeps & { readonly find: (nhsNumber: string) => Promise<StoredPatient | undefined> };

/**
 * Traces one person: first by NHS number and birth date (cross check; a number that was merged away leads to the one
 * that was kept), then by family name, birth date and gender, with given name and postcode where known (alphanumeric).
 * `several` where more than one fits: never the likeliest of them. Very restricted records are never found.
 */
export async function traceOne(deps: TraceDeps, request: TraceRequest, day: string): Promise<Traced> {
  const checked = request.nhsNumber === undefined ? undefined : await crossCheck(deps, request.nhsNumber, request);
  if (checked) return { outcome: 'found', by: 'cross-check', patient: traced(checked, day) };
  const family = literal(request.familyName);
  if (family === '' || request.gender === undefined) return { outcome: 'none' };
  const given = literal(request.givenName);
  const postcode = postcodeKey(literal(request.postcode));
  const found = await searchPatients(deps, {
    family,
    given: given === '' ? [] : [given],
    gender: request.gender,
    birth: { from: request.bornOn, to: request.bornOn },
    death: undefined,
    postcode: postcode === '' ? undefined : postcode,
    generalPractitioner: undefined,
    email: undefined,
    phone: undefined,
    isFuzzy: false,
    isExactOnly: false,
    withHistory: false,
    maxResults: 1,
  });
  if (found === 'too-many') return { outcome: 'several' };
  const [match] = found.matches;
  if (!match) return { outcome: 'none' };
  return { outcome: 'found', by: 'alphanumeric', patient: traced(match.stored, day) };
}

async function crossCheck(
  deps: TraceDeps,
  nhsNumber: string,
  { bornOn }: TraceRequest,
): Promise<StoredPatient | undefined> {
  let stored = await deps.find(nhsNumber);
  for (let step = 0; stored?.state === 'superseded' && stored.survivor !== undefined && step < 10; step++)
    stored = await deps.find(stored.survivor);
  if (stored?.state !== 'active' || stored.security === 'V' || stored.patient.birthDate !== bornOn) return undefined;
  return stored;
}

/** What was sent is no pattern. */
const literal = (value: string | undefined): string => (value ?? '').replaceAll('*', '').replace(/\s+/g, ' ').trim();

function traced(stored: StoredPatient, day: string): TracedPatient {
  const patient = viewPatient(stored, ordinaryViewer);
  const isNow = (period: { start?: string; end?: string } | undefined): boolean =>
    (period?.start ?? '').slice(0, 10) <= day && (period?.end ?? '9999').slice(0, 10) >= day;
  const names = (patient.name ?? []).filter((one) => isNow(one.period));
  const name = names.find((one) => one.use === 'usual') ?? names[0];
  const homes = (patient.address ?? []).filter((one) => isNow(one.period));
  const home = homes.find((one) => one.use === 'home');
  const practice = patient.generalPractitioner?.find((one) => isNow(one.identifier?.period))?.identifier;
  const contact = (system: string, isMobile: boolean): string =>
    patient.telecom?.find((one) => one.system === system && isNow(one.period) && (one.use === 'mobile') === isMobile)
      ?.value ?? '';
  return {
    nhsNumber: stored.nhsNumber,
    familyName: name?.family ?? '',
    givenName: name?.given?.[0] ?? '',
    otherGivenNames: (name?.given ?? []).slice(1).join(' '),
    gender: patient.gender as Gender | undefined,
    bornOn: patient.birthDate ?? '',
    diedOn: patient.deceasedDateTime?.slice(0, 10) ?? '',
    addressLines: (home?.line ?? []).map((line) => line ?? ''),
    postcode: home?.postalCode ?? '',
    practice: practice?.value ?? '',
    registeredOn: practice?.period?.start?.slice(0, 10) ?? '',
    telephone: contact('phone', false),
    mobile: contact('phone', true),
    email: contact('email', false),
    isRestricted: stored.security !== 'U',
  };
}
