import { constants, randomUUID, sign } from 'node:crypto';

/** What a client assertion says; `now` in milliseconds since 1970. */
export type AssertionWanted = {
  readonly privateKeyPem: string;
  readonly kid: string;
  readonly appId: string;
  /** The token address, as the service writes it. */
  readonly audience: string;
  readonly now: number;
};

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A signed client assertion as a client sends it: RS512, a fresh `jti`, good for five minutes. */
export function clientAssertion({ privateKeyPem, kid, appId, audience, now }: AssertionWanted): string {
  const header = { alg: 'RS512', typ: 'JWT', kid };
  const claims = { iss: appId, sub: appId, aud: audience, jti: randomUUID(), exp: Math.floor(now / 1000) + 300 };
  const signed = `${encode(header)}.${encode(claims)}`;
  const key = { key: privateKeyPem, padding: constants.RSA_PKCS1_PADDING };
  return `${signed}.${sign('sha512', Buffer.from(signed), key).toString('base64url')}`;
}
