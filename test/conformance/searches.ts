/**
 * For each published searchset the query it answers: from the rules of the contract and the facts of the population.
 * `isCanned`: its score is one that the public sandbox says whatever was asked.
 */
export const searches: Readonly<Record<string, { readonly query: string; readonly isCanned?: boolean }>> = {
  PatientCompoundName: {
    query: 'family=Smith&given=John%20Paul&gender=male&birthdate=eq2010-10-22',
    isCanned: true,
  },
  'PatientSearch-Jayne-Smyth': {
    query: 'family=Smyth&given=Jayne&gender=female&birthdate=eq2010-10-22',
    isCanned: true,
  },
  PatientSearch: {
    query: 'family=Smith&gender=female&birthdate=eq2010-10-22&email=jane.smith@example.com&phone=01632960587',
    isCanned: true,
  },
  Sensitive_PatientSearch: {
    query:
      'family=Smythe&given=Janet&gender=female&birthdate=eq2005-06-16&email=janet.smythe@example.com&phone=01632960587',
    isCanned: true,
  },
  TOO_MANY_MATCHES: { query: 'family=YOUDS&birthdate=1970-01-24&_max-results=3' },
  bill_garton_searchset: { query: 'family=Garton&birthdate=1955-11-05&gender=female' },
  countrycode_mobile_searchset: { query: 'family=MUIR&birthdate=2017-09-06&phone=00917855986859' },
  cuff_superseded_searchset: { query: 'family=CUFF&given=Jane&birthdate=1926-01-07&gender=female' },
  dateOfDeath_searchset: {
    query: 'family=TUNNEY&birthdate=1980-01-21&death-date=ge2019-02-06&death-date=le2019-02-08',
  },
  empty_searchset: {
    query: 'family=Smith&gender=female&birthdate=eq2010-10-22&email=deb.trotter@example.com&phone=0121111111',
  },
  fuzzy_multimatch_searchset: {
    query: 'family=Smythe&given=Mat&gender=male&birthdate=ge2000-05-03&address-postalcode=DN17%204AA&_fuzzy-match=true',
  },
  fuzzy_single_searchset: {
    query:
      'family=Smythe&given=Mat&gender=male&birthdate=ge2000-05-03&address-postalcode=DN17%204AA&phone=01222111111&_fuzzy-match=true',
  },
  general_practitioner_searchset: { query: 'family=Me*&birthdate=2015-10-22&general-practitioner=A20047' },
  historic_email_searchset: {
    query: 'family=Smith&gender=male&birthdate=ge2000-05-03&email=Historic@historic.com&_history=true',
  },
  jackie_jones_searchset: { query: 'family=jones&given=jackie&gender=male&birthdate=ge1999-01-01' },
  john_paul_smith_searchset: {
    query:
      'family=Smith&given=John%20Paul&given=James&gender=male&birthdate=eq2010-10-22&email=johnp.smith@example.com&phone=01632960587',
    isCanned: true,
  },
  knap_kathy_exact_match: { query: 'family=Knapp&given=Kathy&birthdate=1943-07-03&_exact-match=true' },
  martha_massam_searchset: { query: 'family=Massam&given=Martha&given=Carol&birthdate=1920-08-11' },
  med_rowenad_searchset: { query: 'family=HUME&given=Casey&birthdate=1999-09-09&_history=true' },
  mock_multiple_searchset: { query: 'family=McMatch-Multiple&gender=male&birthdate=1997-08-20' },
  mock_single_searchset: {
    query: 'family=McMatch-Single&given=Mickey&birthdate=1954-10-26&address-postcode=BAP4WG',
  },
  multimatch_phoneAndEmail_searchset: {
    query: 'family=Smith&gender=male&birthdate=ge2000-05-03&email=test@test.com&phone=01234123123',
  },
  other_givenName: { query: 'family=Smith&given=Sam&given=Bob&gender=male&birthdate=2000-05-05' },
  pauline_attison_searchset: {
    query: 'family=ATTS%C3%96N&given=P%C3%80ULIN%C3%89&birthdate=1960-07-14&_fuzzy-match=true',
  },
  postalcode_wildcard_searchset: {
    query: 'family=Smith&gender=male&birthdate=2000-05-05&address-postalcode=DN17*',
  },
  rodney_godsoe_searchset: { query: 'family=GODSOE&given=Rodney&birthdate=1936-02-24' },
  search_patient_9000000025: {
    query:
      'family=Smythe&given=Janet&gender=female&birthdate=eq2005-06-16&email=janet.smythe@example.com&phone=01632960587',
  },
  youds_searchset: { query: 'family=YOUDS&birthdate=1970-01-24' },
};
