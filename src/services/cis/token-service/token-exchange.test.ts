import { SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import {
  answersAsPublished,
  assertionOf,
  credentialsForm,
  post,
  serviceWithClient,
  type Wanted,
} from '../../../../test/support/token-service.ts';

const { service, key, ask, facts, seconds } = await serviceWithClient({ attributes: { colour: 'teal' } });
const idToken = 'urn:ietf:params:oauth:token-type:id_token';
const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';

describe('the form of a subject token and of its proxy', () => {
  const subjectOf = async (wanted: Wanted = {}) =>
    assertionOf(key, facts(), { ...wanted, claims: { iss: 'https://idp.example', ...wanted.claims } });
  const exchange = async (subject: string | undefined) =>
    ask({}, { grant_type: exchangeGrant, subject_token_type: idToken, subject_token: subject });
  const subject = (wanted: Wanted) => async () => exchange(await subjectOf(wanted));
  const actor = (wanted: Wanted) => async () => {
    const proxy = await assertionOf(key, facts(), {
      ...wanted,
      claims: { nhs_number: '9912003071', ...wanted.claims },
    });
    return exchange(await subjectOf({ claims: { act: { sub: proxy } } }));
  };
  const invalid = (text: string) => [400, 'invalid_request', text] as const;
  answersAsPublished([
    [
      10,
      'no client_assertion_type',
      () => ask({}, { grant_type: exchangeGrant, subject_token_type: idToken, client_assertion_type: undefined }),
      ...invalid(
        "Missing or invalid client_assertion_type - must be 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'",
      ),
    ],
    [40, 'no subject_token', () => exchange(undefined), ...invalid('Missing subject_token')],
    [41, 'not decodable', () => exchange('x.y'), ...invalid('Malformed JWT in subject_token')],
    [42, 'no kid', subject({ header: { kid: undefined } }), ...invalid("Missing 'kid' header in subject_token JWT")],
    [
      43,
      'another typ',
      subject({ header: { typ: 'x' } }),
      ...invalid("Invalid 'typ' header in subject_token JWT - must be 'JWT'"),
    ],
    [44, 'no alg', subject({ header: { alg: undefined } }), ...invalid("Missing 'alg' header in subject_token JWT")],
    [45, 'no exp', subject({ claims: { exp: undefined } }), ...invalid("Missing 'exp' claim in subject_token JWT")],
    [
      46,
      'exp a string',
      subject({ claims: { exp: 'x' } }),
      ...invalid("Invalid 'exp' claim in subject_token JWT - must be an integer"),
    ],
    [
      47,
      'exp past',
      subject({ claims: { exp: 5 } }),
      ...invalid("Invalid 'exp' claim in subject_token JWT - JWT has expired"),
    ],
    [48, 'no iss', subject({ claims: { iss: undefined } }), ...invalid("Missing 'iss' claim in subject_token JWT")],
    [
      49,
      'no aud',
      subject({ claims: { aud: undefined } }),
      401,
      'invalid_request',
      "Missing 'aud' claim in subject_token JWT",
    ],
    [55, 'proxy without kid', actor({ header: { kid: undefined } }), ...invalid("Missing 'kid' header in act.sub JWT")],
    [
      56,
      'proxy of another typ',
      actor({ header: { typ: 'x' } }),
      ...invalid("Invalid 'typ' header in act.sub JWT - must be 'JWT'"),
    ],
    [57, 'proxy without alg', actor({ header: { alg: undefined } }), ...invalid("Missing 'alg' header in act.sub JWT")],
    [58, 'proxy without exp', actor({ claims: { exp: undefined } }), ...invalid("Missing 'exp' claim in act.sub JWT")],
    [
      59,
      'proxy with exp a string',
      actor({ claims: { exp: 'x' } }),
      ...invalid("Invalid 'exp' claim in act.sub JWT - must be an integer"),
    ],
    [60, 'proxy without iss', actor({ claims: { iss: undefined } }), ...invalid("Missing 'iss' claim in act.sub JWT")],
    [61, 'proxy without aud', actor({ claims: { aud: undefined } }), ...invalid("Missing 'aud' claim in act.sub JWT")],
    [
      62,
      'proxy without nhs_number',
      actor({ claims: { nhs_number: undefined } }),
      ...invalid("Missing 'nhs_number' claim in act.sub JWT"),
    ],
  ]);

  test('the client is looked at before the subject', async () => {
    const stranger = await new SignJWT({ iss: 'x', sub: 'x', jti: crypto.randomUUID(), exp: seconds() + 60 })
      .setProtectedHeader({ alg: 'RS512', typ: 'JWT', kid: 'test-1' })
      .sign(key.privateKey);
    const form = credentialsForm(stranger, { grant_type: exchangeGrant, subject_token_type: idToken });
    expect((await post(service.url, form)).body.error_description).toBe(
      "Invalid 'iss'/'sub' claims in client_assertion JWT",
    );
  });
});
