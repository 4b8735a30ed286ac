import * as client from 'openid-client';
import { expect, test } from 'vitest';
import { discovered, registered, tokensOf } from '../../../../test/support/relying-party.ts';
import { startSpine } from '../../../../test/support/spine.ts';

const spine = await startSpine();
const appId = await registered(spine);
const config = await discovered(spine, 'cis2', appId);

test('a third-party client logs a user on by code and PKCE, and reads published claims', async () => {
  const { claims, tokens, callbackUrl } = await tokensOf(config, { username: '656005750110' });
  expect(callbackUrl.searchParams.get('client_id')).toBe(appId);

  const info = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
});
