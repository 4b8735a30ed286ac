import { generate } from 'otplib';
import { expect, test } from 'vitest';
import { staffToken } from '../../../../test/support/access.ts';
import { type PatientBrowser, patientAccounts } from '../../../../test/support/patient-accounts.ts';
import { SoftwarePasskey } from '../../../../test/support/software-passkey.ts';
import { sql } from '../../../platform/db/sql.ts';

const at = await patientAccounts();
const { spine, base, ask, opened, enrolled, logOn, patients } = at;
const [nora, mark, ruth] = patients;
const seen = {
  method: 'face-to-face',
  documents: [
    { kind: 'photo-identity', name: 'passport' },
    { kind: 'other', name: 'council tax bill' },
  ],
};
const clerk = await staffToken(spine, '555000000001', { activities: ['B0560'] });

test('who vouches: staff of the registered practice with the activity at level 3, and nobody else', async () => {
  const wanted = { nhsNumber: nora, proofing: 'P9', evidence: seen };
  const rule = async (token: string | undefined, body: unknown = wanted) => (await ask(token, '', body)).rule;
  expect(await rule(undefined)).toBe('token');
  expect(await rule(await staffToken(spine, '555000000002'))).toBe('activity');
  expect(await rule(await staffToken(spine, '555000000003', { activities: ['B0560'], level: 2 }))).toBe('level');
  expect(await rule(await staffToken(spine, '555000000004', { activities: ['B0560'], odsCode: 'RR8' }))).toBe(
    'relationship',
  );
  expect(await rule(clerk, { ...wanted, nhsNumber: '9449306680' })).toBe('relationship');
  expect(await rule(clerk, { ...wanted, nhsNumber: '123' })).toBe('field');
  expect(await rule(clerk, { ...wanted, evidence: undefined })).toBe('evidence');
  expect(await rule(clerk, { ...wanted, evidence: { ...seen, documents: seen.documents.slice(0, 1) } })).toBe(
    'evidence',
  );
  expect(await rule(clerk, { ...wanted, unknown: 1 })).toBe('field');
  expect((await ask(clerk, '', '{')).status).toBe(400);
});

test('a self-claimed relationship is not the practice’s', async () => {
  const stranger = await staffToken(spine, '555000000005', { activities: ['B0560'], odsCode: 'RR8' });
  const claim = await fetch(`${spine.url}/access/patients/${nora}/relationships`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stranger}` },
    body: JSON.stringify({ kind: 'self-claimed', reason: 'walked in' }),
  });
  expect(claim.status).toBe(201);
  expect((await ask(stranger, '', { nhsNumber: nora, proofing: 'P0' })).rule).toBe('relationship');
});

test('an account is opened with a code told once, in the audit by patient and clerk, and as an event', async () => {
  const { status, body } = await ask(clerk, '', { nhsNumber: nora, proofing: 'P9', evidence: seen });
  expect(status).toBe(201);
  expect(body).toMatchObject({
    account: { nhsNumber: nora, state: 'active', proofing: 'P9', proofedBy: '555000000001', proofedIn: 'A81001' },
    enrolment: { address: expect.stringContaining('/nhs-login/enrol/') },
  });
  expect(
    await at.query(
      sql`select outcome, user_id, ods_code from audit.entry where operation = 'patient-accounts.open' and nhs_number = ${nora} and status = 201`,
    ),
  ).toEqual([{ outcome: 'allowed', user_id: '555000000001', ods_code: 'A81001' }]);
  expect(await at.query(sql`select subject from events.event where kind = 'cis.patient-account-opened'`)).toEqual([
    { subject: nora },
  ]);
  expect(JSON.stringify(await at.query(sql`select * from cis.enrolment_code`))).not.toContain(body.enrolment.code);
  expect((await ask(clerk, '', { nhsNumber: nora, proofing: 'P0' })).rule).toBe('state');
});

test('of many who open an account for one patient at once, one does', async () => {
  const all = await Promise.all([1, 2, 3, 4].map(() => ask(clerk, '', { nhsNumber: ruth, proofing: 'P0' })));
  expect(all.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
});

test('a patient enrols a passkey with the code and logs on: P9.Cm, with the number', async () => {
  const { account, code } = await opened(mark, { proofing: 'P9' });
  const passkey = await enrolled(code);
  const { claims } = await logOn({ passkey });
  expect(claims).toMatchObject({ sub: account, vot: 'P9.Cm', nhs_number: mark, identity_proofing_level: 'P9' });
  const { body } = await ask(clerk, `?nhsNumber=${mark}`);
  expect(body.accounts).toMatchObject([
    { id: account, authenticators: [{ kind: 'passkey', lastUsedAt: expect.any(String) }] },
  ]);
  const audited = await at.query(
    sql`select outcome from audit.entry where operation = 'cis.patient-log-on-with-passkey' and nhs_number = ${mark}`,
  );
  expect(audited).toEqual([{ outcome: 'allowed' }]);
});

test('a password with the code of an app is P9.Cp.Ck, by NHS number', async () => {
  const { code } = await opened(mark, { proofing: 'P9' });
  const { seed, password } = await at.enrolledApp(code);
  const page = await at.begin({ vtr: '["P9.Cp.Ck"]' });
  const wrong = await page.submit('/password', { username: mark, password: 'something else entirely', code: '000000' });
  expect([wrong.status, wrong.html.includes('NHS number, the password or the code is wrong')]).toEqual([401, true]);
  const epoch = Math.floor(Date.now() / 1000) + 30;
  const spaced = mark.replace(/^(...)(...)/, '$1 $2 ');
  const right = await page.submit('/password', {
    username: spaced,
    password,
    code: await generate({ secret: seed, epoch }),
  });
  expect((await page.claims(right.location)).vot).toBe('P9.Cp.Ck');
});

test('an application that takes one way only is offered that one, and the other is refused', async () => {
  const { code } = await opened(mark, { proofing: 'P9' });
  const passkey = await enrolled(code);
  const page = await at.begin({ vtr: '["P9.Cp.Ck"]' });
  expect(page.html).not.toContain('Log on with a passkey');
  expect((await page.passkey(passkey)).body).toMatchObject({ error: 'PASSKEY_NOT_ACCEPTED' });
  expect((await at.begin({ vtr: '["P9.Cm"]' })).html).not.toContain('password-user');
});

test('below the proof asked for the application is told, and the script is led back there', async () => {
  const { code } = await opened(mark, { proofing: 'P5' });
  const passkey = await enrolled(code);
  const page = await at.begin();
  const { status, body } = await page.passkey(passkey);
  expect([status, body.error]).toEqual([403, 'LEVEL_TOO_LOW']);
  const back = await page.browser.follow(new URL(String(body.next), base).href, at.callback);
  expect(new URL(back.url).searchParams.get('error')).toBe('access_denied');
  expect((await logOn({ passkey, vtr: '["P5.Cm"]' })).claims).toMatchObject({ vot: 'P5.Cm', id_status: 'unverified' });
});

test('vouched for anew, the same account reaches further', async () => {
  const { account, code } = await opened(mark, { proofing: 'P5' });
  const passkey = await enrolled(code);
  expect((await ask(clerk, `/${account}/proofing`, { proofing: 'P9' })).rule).toBe('evidence');
  expect((await ask(clerk, `/${account}/proofing`, { proofing: 'P9', evidence: seen })).status).toBe(200);
  expect((await logOn({ passkey })).claims.vot).toBe('P9.Cm');
});

test('a new code ends the one before, needs the evidence of the account, and is no code of staff', async () => {
  const { account, code } = await opened(mark, { proofing: 'P9' });
  expect((await ask(clerk, `/${account}/codes`, {})).rule).toBe('evidence');
  const { body } = await ask(clerk, `/${account}/codes`, { evidence: seen });
  const fresh = body.enrolment.code as string;
  const statusOf = async (path: string) => (await fetch(`${base}${path}`)).status;
  expect(await statusOf(`/nhs-login/enrol/${code}`)).toBe(403);
  expect(await statusOf(`/cis2/enrol/${fresh}`)).toBe(403);
  expect(await statusOf(`/nhs-login/enrol/${fresh}`)).toBe(200);
});

test('a passkey of staff logs on no patient, and one of a patient no staff', async () => {
  const { code } = await opened(mark, { proofing: 'P9' });
  const ofPatient = await enrolled(code);
  const ofStaff = await enrolled(await at.staffCode('656005750104'), '/cis2');
  const patientPage = await at.begin();
  expect((await patientPage.passkey(ofStaff)).body).toMatchObject({ error: 'PASSKEY_UNKNOWN' });
  const staffPage = await at.beginStaff();
  expect((await staffPage.passkey(ofPatient)).body).toMatchObject({ error: 'PASSKEY_UNKNOWN' });
  expect((await (await at.beginStaff()).passkey(ofStaff)).status).toBe(200);
  const asStaff = await staffPage.submit('/password', { username: `patient:${mark}`, password: 'x', code: '1' });
  expect(asStaff.status).toBe(401);
});

test('a code of staff is none here', async () => {
  expect((await fetch(`${base}/nhs-login/enrol/${await at.staffCode('656005750104')}`)).status).toBe(403);
});

test('suspended, an account logs nobody on, its sessions and what applications hold end; reinstated, it does again', async () => {
  const { account, code } = await opened(mark, { proofing: 'P9' });
  const passkey = await enrolled(code);
  const { browser, tokens, refresh } = await logOn({ passkey });
  const other = await at.tokenServiceToken(mark);
  expect(await other.isGood()).toBe(true);
  expect((await ask(clerk, `/${account}/suspend`, {})).rule).toBe('field');
  expect((await ask(clerk, `/${account}/suspend`, { reason: 'phone stolen' })).status).toBe(200);
  await expect(refresh(tokens.refresh_token as string)).rejects.toThrow();
  await expect.poll(() => other.isGood(), { timeout: 5000, interval: 25 }).toBe(false);
  expect((await at.begin({}, browser)).url).toContain('/nhs-login/log-on/');
  expect((await (await at.begin()).passkey(passkey)).body).toMatchObject({ error: 'USER_INACTIVE' });
  expect((await ask(clerk, `/${account}/codes`, { evidence: seen })).rule).toBe('state');
  expect((await ask(clerk, `/${account}/suspend`, { reason: 'again' })).rule).toBe('state');
  expect((await ask(clerk, `/${account}/reinstate`, { reason: 'phone found' })).status).toBe(200);
  expect((await logOn({ passkey })).claims.sub).toBe(account);
});

test('an ID token got before is exchanged for nothing once the account is suspended, or proved less', async () => {
  const { account, code } = await opened(mark, { proofing: 'P9' });
  const passkey = await enrolled(code);
  const exchanged = async (idToken: string) => (await at.exchange(idToken)).body;
  const { tokens } = await logOn({ passkey });
  expect(await exchanged(tokens.id_token as string)).toMatchObject({ access_token: expect.any(String) });
  await ask(clerk, `/${account}/suspend`, { reason: 'phone stolen' });
  expect(await exchanged(tokens.id_token as string)).toMatchObject({ error: 'access_denied' });
  await ask(clerk, `/${account}/reinstate`, { reason: 'phone found' });
  expect(await exchanged(tokens.id_token as string)).toMatchObject({ access_token: expect.any(String) });
  await ask(clerk, `/${account}/proofing`, { proofing: 'P5' });
  expect(await exchanged(tokens.id_token as string)).toMatchObject({ error: 'access_denied' });
});

test('proved less, what was given at the higher level ends', async () => {
  const { account, code } = await opened(mark, { proofing: 'P9' });
  const { tokens, refresh } = await logOn({ passkey: await enrolled(code) });
  await ask(clerk, `/${account}/proofing`, { proofing: 'P0' });
  await expect(refresh(tokens.refresh_token as string)).rejects.toThrow();
});

test('closed, an account stays closed, and its passkeys are gone; another one is another person to applications', async () => {
  const { account, code } = await opened(mark, { proofing: 'P9' });
  const passkey = await enrolled(code);
  expect((await ask(clerk, `/${account}/close`, { reason: 'asked for' })).status).toBe(200);
  expect((await (await at.begin()).passkey(passkey)).body).toMatchObject({ error: 'PASSKEY_UNKNOWN' });
  expect((await ask(clerk, `/${account}/reinstate`, { reason: 'changed her mind' })).rule).toBe('state');
  expect((await opened(mark, { proofing: 'P9' })).account).not.toBe(account);
});

test('another practice sees and does nothing, whatever id it names', async () => {
  const { account } = await opened(mark, { proofing: 'P9' });
  const other = await staffToken(spine, '555000000006', { activities: ['B0560'], odsCode: 'A83002' });
  expect((await ask(other, `?nhsNumber=${mark}`)).rule).toBe('relationship');
  for (const id of [account, '8dc9fc1d-c3cb-48e1-ba62-b1532539ab6d', 'x%00y'])
    expect((await ask(other, `/${id}/close`, { reason: 'mine' })).rule).toBe('relationship');
  expect((await ask(clerk, '/8dc9fc1d-c3cb-48e1-ba62-b1532539ab6d/close', { reason: 'none' })).rule).toBe(
    'relationship',
  );
});

test('the patient sees own passkeys and sessions, and removing one ends what it began elsewhere', async () => {
  const { code } = await opened(mark, { proofing: 'P9' });
  const passkey = await enrolled(code);
  const elsewhere = await logOn({ passkey });
  const own = (await logOn({ passkey })).browser;
  const page = await own.follow(`${base}/nhs-login/account`, at.callback);
  expect(page.html).toContain(`NHS number ${mark}`);
  expect(page.html).not.toContain('level 3');
  const field = (name: string, html = page.html) => new RegExp(`name="${name}" value="([^"]+)"`).exec(html)?.[1] ?? '';
  const sessions = await own.follow(`${base}/nhs-login/account/sessions`, at.callback);
  expect(sessions.html).toContain('This browser');
  const sent = { token: field('token'), authenticator: field('authenticator') };
  const forged = await own.open(`${base}/nhs-login/account/remove`, { ...sent, token: 'x' });
  expect(forged.status).toBe(403);
  const warned = await own.open(`${base}/nhs-login/account/remove`, sent);
  expect(await warned.text()).toContain('your GP practice');
  expect((await own.open(`${base}/nhs-login/account/remove`, { ...sent, confirmed: 'yes' })).status).toBe(303);
  await expect(elsewhere.refresh(elsewhere.tokens.refresh_token as string)).rejects.toThrow();
  expect((await at.begin({}, elsewhere.browser)).url).toContain('/nhs-login/log-on/');
  expect((await (await at.begin()).passkey(passkey)).body).toMatchObject({ error: 'PASSKEY_UNKNOWN' });
  const out = await own.open(`${base}/nhs-login/account/sessions/end`, {
    token: field('token', sessions.html),
    session: field('session', sessions.html),
  });
  expect([200, 303]).toContain(out.status);
});

test('the account page asks a patient to log on, and brings them back', async () => {
  const { code } = await opened(mark, { proofing: 'P0' });
  const passkey = await enrolled(code);
  const browser: PatientBrowser = await at.landOn(`${base}/nhs-login/account`);
  expect(browser.url).toContain('/nhs-login/log-on/');
  const { body } = await browser.passkey(passkey);
  const back = await browser.browser.follow(new URL(String(body.next), base).href, at.callback);
  expect([back.url, back.html.includes('What you log on with')]).toEqual([`${base}/nhs-login/account`, true]);
});

test('nobody enrols with a passkey made for somebody else’s code', async () => {
  const first = await opened(mark, { proofing: 'P9' });
  const page = await at.enrolPage(first.code);
  const options = await page.options();
  const second = await opened(nora, { proofing: 'P9' });
  const other = await at.enrolPage(second.code);
  const answer = await other.post(new SoftwarePasskey(base).create(options));
  expect(answer.body).toMatchObject({ error: 'PASSKEY_CHALLENGE' });
});
