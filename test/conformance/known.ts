/** A published example that contradicts another one: where it differs, and why it cannot match. */
export type KnownMismatch = { readonly because: string; readonly differences: readonly string[] };

const twoBirthDates: KnownMismatch = {
  because: 'the published record gives another date of death than this searchset',
  differences: [
    '/entry/0/resource/deceasedDateTime: wanted "2005-06-16T00:00:00+00:00", got "2010-10-22T00:00:00+00:00"',
    '/entry/0/resource/extension/0/extension/1/valueDateTime: wanted "2005-06-16T00:00:00+00:00", got "2010-10-22T00:00:00+00:00"',
  ],
};

/** Published examples that no implementation can match together with the others. */
export const knownMismatches: Readonly<Record<string, KnownMismatch>> = {
  'search/PatientCompoundName.json': {
    because: 'the published record has a second given name, which this searchset leaves out',
    differences: ['/entry/0/resource/name/0/given/1: wanted nothing, got "James"'],
  },
  'search/PatientSearch.json': {
    because: 'the published record has no suffix, this searchset shows one',
    differences: ['/entry/0/resource/name/0/suffix: wanted ["MBE"], got nothing'],
  },
  'search/Sensitive_PatientSearch.json': twoBirthDates,
  'search/search_patient_9000000025.json': twoBirthDates,
  'search/bill_garton_searchset.json': {
    because: 'the searchset was taken at a later version than the published record',
    differences: [
      '/entry/0/resource/meta/versionId: wanted "171", got "58"',
      '/entry/0/resource/name/0/given/0: wanted "BILL", got "Bill"',
    ],
  },
};

/** Published examples that no request from outside brings about. */
export const unprovoked: Readonly<Record<string, string>> = {
  'search/Minimal_PatientSearch.json':
    'the record has neither name nor birth date, and no search goes without a birth date',
  'errors/422-POLLING_MESSAGE_FAILURE-backend.json': 'polling was given up in 2021 and is not offered',
  'errors/500-UNKNOWN_ERROR-gateway.json': 'needs a fault inside the service',
};
