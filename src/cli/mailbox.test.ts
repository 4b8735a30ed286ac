import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { certificateDesk, hasOpenssl } from '../../test/support/client-certificates.ts';
import { heard } from '../../test/support/command.ts';
import { meshClient } from '../../test/support/mesh.ts';
import { startSpine } from '../../test/support/spine.ts';
import { Database } from '../platform/db/database.ts';
import { sql } from '../platform/db/sql.ts';
import { command } from './mailbox.ts';

const spine = await startSpine();

const env = { OPENSPINE_DATABASE_URL: spine.databaseUrl, OPENSPINE_DATA: spine.dataDirectory };
async function run(...args: string[]) {
  const { code, out, err } = await heard(command.run, env, args);
  return { code, out: out.join('\n'), err: err.join('\n') };
}
const statusWith = async (password: string) => (await meshClient(spine.url, 'RXL01OT1', { password })('/inbox')).status;
const soon = { timeout: 5000 };

test('a mailbox is made and works in the Spine that is running; made twice, it is left as it is', async () => {
  const made = await run('create', 'rxl01ot1', '--ods', 'RXL01', '--name', 'Pathology', '--json');
  const { mailboxId, password } = JSON.parse(made.out);
  expect([made.code, mailboxId]).toEqual([0, 'RXL01OT1']);
  await expect.poll(() => statusWith(password), soon).toBe(200);
  expect(await run('create', 'RXL01OT1', '--ods', 'RXL01')).toMatchObject({ code: 1, err: /already/ });
  expect(await statusWith(password)).toBe(200);
  expect((await run('list', '--ods', 'RXL01')).out).toMatch(/^RXL01OT1 +RXL01 +active Pathology$/);
});

test('its password is changed, it is deactivated and activated, and registered for a workflow', async () => {
  const { password } = JSON.parse((await run('password', 'RXL01OT1', '--json')).out);
  await expect.poll(() => statusWith(password), soon).toBe(200);
  expect((await run('deactivate', 'RXL01OT1', '--reason', 'moved out')).out).toBe('RXL01OT1 is deactivated.');
  await expect.poll(() => statusWith(password), soon).toBe(403);
  expect((await run('activate', 'RXL01OT1', '--reason', 'moved in')).code).toBe(0);
  await expect.poll(() => statusWith(password), soon).toBe(200);
  expect((await run('workflow', 'RXL01OT1', 'PATH_MEDRPT_V3', '--role', 'receiver')).code).toBe(0);
  const found = async () => {
    const response = await fetch(`${spine.url}/messageexchange/endpointlookup/RXL01/PATH_MEDRPT_V3`);
    return ((await response.json()) as { results: unknown[] }).results.length;
  };
  await expect.poll(found, soon).toBe(1);
});

test('bounds are set one by one, shown with what was used, and taken away again', async () => {
  expect((await run('quota', 'RXL01OT1')).out).toBe(
    'messages a day   none\nbytes a day      none\nbytes waiting    none',
  );
  expect((await run('quota', 'rxl01ot1', '--messages', '2', '--waiting', '1000')).code).toBe(0);
  expect(JSON.parse((await run('quota', 'RXL01OT1', '--waiting', 'none', '--bytes', '9', '--json')).out)).toEqual({
    mailboxId: 'RXL01OT1',
    messagesADay: 2,
    bytesADay: 9,
    usedToday: { messages: 0, bytes: 0 },
  });
  const { password } = JSON.parse((await run('password', 'RXL01OT1', '--json')).out);
  const client = meshClient(spine.url, 'RXL01OT1', { password });
  await expect.poll(() => statusWith(password), soon).toBe(200);
  const send = (body: string) =>
    client('/outbox', { method: 'POST', headers: { 'mex-to': 'X26ABC1', 'mex-workflowid': 'W' }, body });
  expect((await send('1234')).status).toBe(202);
  expect((await send('123456')).status).toBe(429);
  expect((await run('quota', 'RXL01OT1')).out).toBe(
    'messages a day   2 (1 today)\nbytes a day      9 (4 today)\nbytes waiting    none',
  );
  expect((await run('quota', 'RXL01OT1', '--messages', 'none', '--bytes', 'none')).out).not.toMatch(/\d/);
});

test('so many passwords hold beside the newest; the next is refused with what to do', async () => {
  for (let n = 0; n < 4; n++) expect((await run('password', 'RXL01OT1', '--overlap', '60')).code).toBe(0);
  const refused = await run('password', 'RXL01OT1', '--overlap', '60');
  expect(refused).toMatchObject({ code: 1, out: '', err: /next until 20.*--overlap 0\.$/ });
  expect((await run('password', 'RXL01OT1')).code).toBe(0);
});

test.skipIf(!hasOpenssl)('certificates are issued, registered, listed and withdrawn, each change audited', async () => {
  const desk = certificateDesk();
  const request = desk.signingRequest('/CN=lab.rxl01.api.mesh-client.nhs.uk');
  const of = (...args: string[]) => run('certificate', ...args);
  const authority = new X509Certificate((await of('authority')).out);
  const issued = await of('issue', 'rxl01ot1', desk.file(request.csr));
  const certificate = new X509Certificate(issued.out);
  expect([issued.code, certificate.checkIssued(authority), certificate.verify(authority.publicKey)]).toEqual([
    0,
    true,
    true,
  ]);
  expect(certificate.infoAccess).toContain('/mesh/pki/authority.crt');
  const other = desk.selfSigned('old.rxl01.api.mesh-client.nhs.uk');
  expect((await of('register', 'RXL01OT1', desk.file(other.cert))).out).toMatch(/is registered for RXL01OT1/);
  expect((await of('register', 'RXL01OT1', desk.file(other.cert))).out).toMatch(/was registered before/);
  const listed = JSON.parse((await of('list', 'RXL01OT1', '--json')).out);
  expect(listed.map(({ name }: { name: string }) => name)).toEqual([
    'lab.rxl01.api.mesh-client.nhs.uk',
    'old.rxl01.api.mesh-client.nhs.uk',
  ]);
  const fingerprint = certificate.fingerprint256;
  expect((await of('withdraw', 'RXL01OT1', fingerprint, '--reason', 'superseded')).out).toMatch(/^Withdrawn.*\w\.$/);
  expect(await of('withdraw', 'RXL01OT1', fingerprint)).toMatchObject({ code: 1, err: /no certificate of this/ });
  expect(await of('register', 'RXL01OT1', desk.file(issued.out))).toMatchObject({ code: 1, err: /it was withdrawn/ });
  expect((await of('withdraw', 'RXL01OT1', listed[1].fingerprint)).out).toMatch(/has none any more/);
  const foreign = desk.signingRequest('/CN=lab.x26.api.mesh-client.nhs.uk');
  expect(await of('issue', 'RXL01OT1', desk.file(foreign.csr))).toMatchObject({ code: 1, err: /its name is not/ });
  const db = new Database({ url: spine.databaseUrl });
  const told = await db.query<{ operation: string }>(
    sql`select operation from audit.entry where user_id = 'openspine mailbox' and operation like '%certificate'`,
  );
  await db.close();
  expect(told.map(({ operation }) => operation).sort()).toEqual([
    'mesh.issue-certificate',
    'mesh.register-certificate',
    'mesh.remove-certificate',
    'mesh.remove-certificate',
  ]);
});

test.for([
  [['create', 'A B', '--ods', 'RXL01'], 2],
  [['create', 'AB'], 2],
  [['password', 'NOBODY'], 1],
  [['password', 'RXL01OT1', '--overlap', 'ever'], 2],
  [['deactivate', 'RXL01OT1'], 2],
  [['deactivate', 'NOBODY', '--reason', 'because'], 1],
  [['workflow', 'RXL01OT1', 'W', '--role', 'toString'], 2],
  [['quota', 'RXL01OT1', '--bytes', 'many'], 2],
  [['quota', 'RXL01OT1', '--bytes', '9999999999999999'], 2],
  [['quota', 'NOBODY'], 1],
  [['certificate'], 2],
  [['certificate', 'issue', 'RXL01OT1', '/nowhere'], 2],
  [['certificate', 'register', 'RXL01OT1', 'package.json'], 1],
  [['certificate', 'list', 'NOBODY'], 1],
  [['certificate', 'withdraw', 'RXL01OT1', 'abc'], 2],
  [['certificate', 'withdraw', 'RXL01OT1', '0'.repeat(64), '--reason', 'toString'], 2],
  [['shred'], 2],
] as const)('%j fails with one sentence', async ([args, code]) => {
  const { out, err, ...rest } = await run(...args);
  expect([rest.code, out]).toEqual([code, '']);
  expect(err).toMatch(/^openspine mailbox: .+\.$/);
});
