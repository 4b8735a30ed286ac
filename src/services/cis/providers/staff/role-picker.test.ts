import { expect, test } from 'vitest';
import { BrowserJar, formAction } from '../../../../../test/support/browser-jar.ts';
import { callback, discovered, logOn, registered, tokensOf } from '../../../../../test/support/relying-party.ts';
import { startSpine } from '../../../../../test/support/spine.ts';

const spine = await startSpine();
const config = await discovered(spine, 'cis2', await registered(spine));

const role = (n: number) => ({
  person_orgid: `55500000010${n}`,
  person_roleid: `55500000020${n}`,
  org_code: 'A83002',
  role_code: 'S8000:G8000:R8000',
  role_name: `"Clinical":"Clinical Provision":"Role ${n}"`,
});
const userWith = (username: string, roles: number) => ({
  provider: 'cis2',
  username,
  sub: `5550000003${String(roles).padStart(2, '0')}`,
  claims: { authentication_assurance_level: 3 },
  userinfo: {
    sub: 'x',
    display_name: 'Dr Rolf Example',
    nhsid_user_orgs: [{ org_code: 'A83002', org_name: 'HAWTHORN SURGERY' }],
    nhsid_nrbac_roles: Array.from({ length: roles }, (_, i) => role(i + 1)),
  },
});
await spine.control('load', {
  cis: { users: [userWith('none', 0), userWith('one', 1), userWith('three', 3), userWith('eight', 8)] },
});
const scope = 'openid selectedrole nationalrbacaccess';

test('without any role a user logs on all the same, and no role is named', async () => {
  const { claims } = await tokensOf(config, { username: 'none', scope });
  expect(claims).not.toHaveProperty('selected_roleid');
});

test('a single role is chosen without asking', async () => {
  expect((await tokensOf(config, { username: 'one', scope })).claims.selected_roleid).toBe('555000000201');
});

test('of several roles one is picked, once in a session, and named only to whom it was asked for', async () => {
  const picked = await tokensOf(config, { username: 'three', scope, role: '555000000202' });
  expect(picked.claims.selected_roleid).toBe('555000000202');
  const { browser } = picked;
  const again = await tokensOf(config, { username: '', scope, browser });
  expect(again.wasAsked).toBe(false);
  expect(again.claims.selected_roleid).toBe('555000000202');
  const unasked = await tokensOf(config, { username: '', scope: 'openid', browser });
  expect(unasked.claims).not.toHaveProperty('selected_roleid');
});

test('with prompt=login and with changedrole another role may be picked', async () => {
  const { browser } = await tokensOf(config, { username: 'three', scope, role: '555000000201' });
  const parameters = { prompt: 'login' };
  const anew = await tokensOf(config, { username: 'three', scope, browser, parameters, role: '555000000203' });
  expect(anew.claims.selected_roleid).toBe('555000000203');
  const changed = await tokensOf(config, {
    username: '',
    scope: `${scope} changedrole`,
    browser,
    role: '555000000202',
  });
  expect(changed.claims.selected_roleid).toBe('555000000202');
});

const pickerFor = async (username: string) => {
  const browser = new BrowserJar();
  const asked = {
    client_id: config.clientMetadata().client_id,
    redirect_uri: callback,
    response_type: 'code',
    scope,
    state: 's',
  };
  const page = await browser.follow(
    `${config.serverMetadata().issuer}/authorize?${new URLSearchParams(asked)}`,
    callback,
  );
  const picker = await browser.follow(formAction(page.html, 'kc-form-login'), callback, { username });
  return { browser, picker, action: picker.url };
};

test('a few roles are a list; many have a search, which needs no script', async () => {
  expect((await pickerFor('three')).picker.html).not.toContain('role="search"');
  const { browser, picker, action } = await pickerFor('eight');
  expect(picker.html).toContain('role="search"');
  expect(picker.html).toContain('HAWTHORN SURGERY (A83002)');
  expect(picker.html.match(/name="role"/g)).toHaveLength(8);
  const found = await browser.follow(`${action}?search=role+7`, callback);
  expect(found.html.match(/name="role"/g)).toHaveLength(1);
  expect(found.html).toContain('Role 7');
  const nothing = await browser.follow(`${action}?search=%3Cscript%3E`, callback);
  expect(nothing.html).toContain('None of your roles is called so.');
  expect(nothing.html).not.toContain('<script>');
});

test('a role of somebody else cannot be picked, nor one that never was', async () => {
  const { browser, action } = await pickerFor('three');
  for (const stolen of ['555000000208', '', 'x']) {
    const refused = await browser.open(`${action}/role`, { role: stolen });
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('not one of your roles');
  }
  expect((await new BrowserJar().open(`${action}/role`, { role: '555000000201' })).status).toBe(400);
});

test('without being asked, prompt=none is refused where a role would have to be picked', async () => {
  const { browser } = await logOn(config, { username: 'three', scope: 'openid' });
  const asked = {
    client_id: config.clientMetadata().client_id,
    redirect_uri: callback,
    response_type: 'code',
    scope,
    state: 's',
    prompt: 'none',
  };
  const { url } = await browser.follow(
    `${config.serverMetadata().issuer}/authorize?${new URLSearchParams(asked)}`,
    callback,
  );
  expect(new URL(url).searchParams.get('error')).toBe('interaction_required');
});

test('a loaded user’s claims and user information are answered exactly as given', async () => {
  const userinfo = { sub: '555000000999', anything: ['at', 'all'], nhsid_useruid: '1' };
  const user = { provider: `${config.serverMetadata().issuer}`, username: 'odd', sub: '555000000999', password: 'x' };
  const claims = { authentication_assurance_level: 2, id_assurance_level: 1, custom: { a: 1 } };
  await spine.control('load', { cis: { users: [{ ...user, claims, userinfo }] } });
  const { tokens, claims: got } = await tokensOf(config, { username: 'odd', scope: 'openid' });
  expect(got).toMatchObject({ sub: '555000000999', ...claims });
  const headers = { authorization: `Bearer ${tokens.access_token}` };
  expect(await (await fetch(`${spine.url}/cis2/userinfo`, { headers })).json()).toEqual(userinfo);
});

test('users for a provider nobody knows are refused, and none of the others is loaded', async () => {
  const users = [userWith('fine', 2), { ...userWith('lost', 2), provider: 'https://nobody.example' }];
  await expect(spine.control('load', { cis: { users } })).rejects.toThrow(
    /cis\/users\/lost: there is no identity provider/,
  );
  await expect(tokensOf(config, { username: 'fine', scope: 'openid' })).rejects.toThrow(/There is no sandbox user/);
});
