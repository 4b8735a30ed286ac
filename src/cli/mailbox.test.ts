import { expect, test } from 'vitest';
import { meshClient } from '../../test/support/mesh.ts';
import { startSpine } from '../../test/support/spine.ts';
import { command } from './mailbox.ts';

const spine = await startSpine();

async function run(...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const io = {
    out: (line: string) => void out.push(line),
    err: (line: string) => void err.push(line),
    env: { OPENSPINE_DATABASE_URL: spine.databaseUrl, OPENSPINE_DATA: spine.dataDirectory },
  };
  return { code: await command.run(args, io), out: out.join('\n'), err: err.join('\n') };
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

test.for([
  [['create', 'A B', '--ods', 'RXL01'], 2],
  [['create', 'AB'], 2],
  [['password', 'NOBODY'], 1],
  [['password', 'RXL01OT1', '--overlap', 'ever'], 2],
  [['deactivate', 'RXL01OT1'], 2],
  [['deactivate', 'NOBODY', '--reason', 'because'], 1],
  [['workflow', 'RXL01OT1', 'W', '--role', 'toString'], 2],
  [['shred'], 2],
] as const)('%j fails with one sentence', async ([args, code]) => {
  const { out, err, ...rest } = await run(...args);
  expect([rest.code, out]).toEqual([code, '']);
  expect(err).toMatch(/^openspine mailbox: .+\.$/);
});
