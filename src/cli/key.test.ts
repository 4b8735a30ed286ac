import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { heard } from '../../test/support/command.ts';
import { tokenService } from '../../test/support/token-service.ts';
import { command as key } from './key.ts';
import { command as token } from './token.ts';

const service = await tokenService();
const directory = mkdtempSync(join(tmpdir(), 'openspine-key-'));
const before = process.cwd();
beforeAll(() => process.chdir(directory));
afterAll(() => {
  process.chdir(before);
  rmSync(directory, { recursive: true });
});

const env = { OPENSPINE_DATABASE_URL: service.db.url };
const run = (command: typeof key, ...args: string[]) => heard(command.run, env, args);
const named = ['--name', 'Ward Rounds & Co', '--ods', 'RR8', '--asid', '200000001234'];

test('an application is registered with a key pair of its own, gets a token with it, and none once suspended', async () => {
  const made = await run(key, ...named, '--attribute', 'colour=teal=green', '--json');
  expect([made.code, made.err]).toEqual([0, []]);
  const { appId, kid, keyFile } = JSON.parse(made.out[0] as string);
  expect(keyFile).toBe('ward-rounds-co.pem');
  expect(statSync(keyFile).mode & 0o777).toBe(0o600);
  expect(readFileSync(keyFile, 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----/);

  const asked = ['--key', keyFile, '--app', appId, '--url', service.base];
  const got = await run(token, ...asked, `--kid=${kid}`);
  expect(got).toEqual({ code: 0, out: [expect.stringMatching(/^[\w-]{28}$/)], err: [] });
  expect(await service.tokens.resolve(got.out[0] as string)).toMatchObject({
    is: 'valid',
    principal: { appId, odsCode: 'RR8', asid: '200000001234', attributes: { colour: 'teal=green' } },
  });
  const whole = await run(token, ...asked, '--json');
  expect(JSON.parse(whole.out[0] as string)).toMatchObject({ expires_in: '599', token_type: 'Bearer' });

  expect((await run(key, 'list')).out.join('\n')).toMatch(new RegExp(`${appId}  approved .*Ward Rounds & Co`));
  expect(await run(key, 'suspend', appId)).toMatchObject({ code: 0 });
  expect((await run(key, 'list', '--json')).out.map((line) => JSON.parse(line))).toContainEqual(
    expect.objectContaining({ appId, status: 'revoked' }),
  );
  const refused = await run(token, ...asked);
  expect([refused.code, refused.out]).toEqual([1, []]);
  expect(refused.err[0]).toContain('not approved or revoked');
});

test('what an operator approves is shown whole: products, attributes, addresses, keys and who registered it', async () => {
  const address = 'https://app.example/back';
  const portal = ['--name', 'Portal', '--ods', 'RR8', '--asid', '200000001234', '--attribute', 'developer-portal=true'];
  const made = await run(key, ...portal, '--redirect-uri', address, '--json');
  const { appId, kid, keyFile } = JSON.parse(made.out[0] as string);
  rmSync(keyFile);
  const listed = (await run(key, 'list', '--json')).out.map((line) => JSON.parse(line));
  expect(listed.find((one) => one.appId === appId)).toMatchObject({
    attributes: { 'developer-portal': 'true' },
    redirectUris: [address],
    keys: [kid],
    hasSecret: false,
    registeredBy: 'operator',
  });
});

test('a key that is there is never overwritten, and a registration that fails leaves none', async () => {
  await run(key, '--name', 'twice', '--ods', 'RR8', '--asid', '200000001234');
  const kept = readFileSync('twice.pem', 'utf8');
  const again = await run(key, '--name', 'twice', '--ods', 'RR8', '--asid', '200000001234');
  expect(again).toMatchObject({ code: 1, err: ['openspine key: twice.pem is there already; it is not overwritten.'] });
  expect(readFileSync('twice.pem', 'utf8')).toBe(kept);
  const failed = await run(key, '--name', 'wrong', '--ods', 'R', '--asid', '200000001234');
  expect(failed).toMatchObject({
    code: 2,
    err: ['openspine key: "R" is not an ODS code: 3 to 10 letters and digits.'],
  });
  expect(() => statSync('wrong.pem')).toThrow('ENOENT');
});

test('the mode chosen is the mode of the tokens', async () => {
  const made = await run(
    key,
    '--name',
    'privileged',
    '--ods',
    'RR8',
    '--asid',
    '200000001234',
    '--mode',
    'privileged-application-restricted',
    '--json',
  );
  const { appId } = JSON.parse(made.out[0] as string);
  const got = await run(token, '--key', 'privileged.pem', '--app', appId, '--url', `${service.base}/`);
  expect(await service.tokens.resolve(got.out[0] as string)).toMatchObject({
    principal: { mode: 'privileged-application-restricted' },
  });
});

test('keys change over with two good at once; a secret is shown once; a suspension is taken back', async () => {
  const made = await run(
    key,
    '--name',
    'changing',
    ...named.slice(2),
    '--with-secret',
    '--redirect-uri',
    'https://app.example/back',
    '--product',
    'x=urn:nhsd:apim:user-nhs-id:aal3:x',
    '--json',
  );
  const { appId, kid, secret, products } = JSON.parse(made.out[0] as string);
  expect(secret).toMatch(/^[\w-]{43}$/);
  expect(products).toContainEqual({ name: 'x', scopes: ['urn:nhsd:apim:user-nhs-id:aal3:x'] });
  const rotated = await run(key, 'rotate', appId, '--kid', 'second');
  expect(rotated.out[0]).toBe(`Good now: second and ${kid}.`);
  const second = /private key {2}(\S+)/.exec(rotated.out[1] as string)?.[1] as string;
  const works = async (file: string, name: string) =>
    (await run(token, '--key', file, `--kid=${name}`, '--app', appId, '--url', service.base)).code === 0;
  expect([await works('changing.pem', kid), await works(second, 'second')]).toEqual([true, true]);
  expect((await run(key, 'withdraw', appId, kid)).code).toBe(0);
  expect([await works('changing.pem', kid), await works(second, 'second')]).toEqual([false, true]);
  expect((await run(key, 'secret', appId)).out[0]).toMatch(/secret {7}[\w-]{43} \(shown this once\)/);
  await run(key, 'suspend', appId);
  expect(await works(second, 'second')).toBe(false);
  expect((await run(key, 'approve', appId)).out).toEqual([`Approved ${appId}.`]);
  expect(await works(second, 'second')).toBe(true);
  expect((await run(key, 'rotate', 'nobody')).err).toEqual(['There is no application nobody.']);
});

test.each([
  ['no name', ['--ods', 'RR8', '--asid', '200000001234'], '--name, --ods and --asid are needed'],
  ['a mode that is none', [...named, '--mode', 'root'], '--mode must be'],
  ['a product without scopes', [...named, '--product', 'x'], '--product is written'],
  ['no key to withdraw', ['withdraw', 'x'], 'Write: openspine key withdraw API-KEY KID'],
  ['an attribute without a value', [...named, '--attribute', 'x'], '--attribute is written name=value'],
  ['two kinds of keys', [...named, '--public-key', 'x', '--jwks-url', 'y'], 'not both'],
  ['nobody to suspend', ['suspend'], 'Write: openspine key suspend'],
])('called with %s it says how to call it', async (_what, args, words) => {
  const { code, err } = await run(key, ...args);
  expect([code, err.join()]).toEqual([2, expect.stringContaining(words)]);
});

test('a file that is not there, a key that is none and a service that is away are each told in a sentence', async () => {
  expect(await run(key, ...named, '--public-key', 'nowhere.pem')).toMatchObject({
    code: 1,
    err: [expect.stringContaining('nowhere.pem')],
  });
  expect(await run(token, '--key', 'nowhere.pem', '--app', 'x')).toMatchObject({
    code: 1,
    err: [expect.stringContaining('nowhere.pem')],
  });
  expect(await run(token, '--key', 'twice.pem', '--app', 'x', '--url', 'http://127.0.0.1:9')).toMatchObject({
    code: 1,
    err: [expect.stringContaining('could not be asked')],
  });
  expect(await run(token)).toMatchObject({ code: 2 });
  expect(await run(key, 'suspend', 'nobody')).toMatchObject({ code: 1, err: ['There is no application nobody.'] });
});
