import { generateKeyPairSync } from 'node:crypto';
import * as client from 'openid-client';
import { expect, test } from 'vitest';
import { discovered, registered, tokensOf } from '../../../../test/support/relying-party.ts';
import { startSpine } from '../../../../test/support/spine.ts';

const spine = await startSpine();
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
const appId = await registered(spine, { publicKeyPem, kid: 'k1', secret: undefined });
const key = await crypto.subtle.importKey(
  'pkcs8',
  new Uint8Array(privateKey.export({ type: 'pkcs8', format: 'der' })),
  { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-512' },
  false,
  ['sign'],
);
const config = await discovered(spine, 'nhs-login', appId, client.PrivateKeyJwt({ key, kid: 'k1' }), {
  id_token_signed_response_alg: 'RS512',
});

test('a third-party client logs a patient on', async () => {
  const { claims, tokens } = await tokensOf(config, {
    username: '9912003071',
    parameters: { vtr: '["P5.Cp.Cd"]' },
  });

  const info = await client.fetchUserInfo(config, tokens.access_token, claims.sub);

  expect(info.sub).toBe(claims.sub);
});
