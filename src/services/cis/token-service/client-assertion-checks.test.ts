import { describe, expect, test } from 'vitest';
import {
  answersAsPublished,
  clientKey,
  encode,
  registered,
  serviceWithClient,
  type Wanted,
} from '../../../../test/support/token-service.ts';

const { service, key, client, ask, seconds, send } = await serviceWithClient({ attributes: { colour: 'teal' } });
const idToken = 'urn:ietf:params:oauth:token-type:id_token';

describe('the client assertion', () => {
  const invalid = (text: string) => [400, 'invalid_request', text] as const;
  const type = invalid(
    "Missing or invalid client_assertion_type - must be 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'",
  );
  const malformed = invalid('Malformed JWT in client_assertion');
  const alg = invalid("Invalid 'alg' header in client_assertion JWT - unsupported JWT algorithm - must be 'RS512'");
  const expired = invalid("Invalid 'exp' claim in client_assertion JWT - JWT has expired");
  const expType = invalid("Invalid 'exp' claim in client_assertion JWT - must be an integer");
  const issSub = invalid("Missing or non-matching 'iss'/'sub' claims in client_assertion JWT");
  const jtiType = invalid("Invalid 'jti' claim in client_assertion JWT - must be a unique string value such as a GUID");
  const noKid = invalid("Missing 'kid' header in client_assertion JWT");
  const typ = invalid("Invalid 'typ' header in client_assertion JWT - must be 'JWT'");
  const sent = (assertion: string) => () => send(assertion);
  answersAsPublished([
    [10, 'no client_assertion_type', () => ask({}, { client_assertion_type: undefined }), ...type],
    [10, 'another client_assertion_type', () => ask({}, { client_assertion_type: 'urn:x' }), ...type],
    [
      11,
      'an id token with another grant',
      () => ask({}, { subject_token_type: idToken }),
      ...invalid('grant_type is invalid'),
    ],
    [
      11,
      'an id token without a grant',
      () => ask({}, { subject_token_type: idToken, grant_type: undefined }),
      ...invalid('grant_type is invalid'),
    ],
    [12, 'no client_assertion', () => ask({}, { client_assertion: undefined }), ...invalid('Missing client_assertion')],
    [12, 'an empty client_assertion', () => ask({}, { client_assertion: '' }), ...invalid('Missing client_assertion')],
    [13, 'a word', sent('hello'), ...malformed],
    [13, 'two parts', sent(`${encode({ alg: 'RS512' })}.${encode({})}`), ...malformed],
    [13, 'five parts', sent('a.b.c.d.e'), ...malformed],
    [13, 'parts that are no JSON', sent('YWJj.YWJj.YWJj'), ...malformed],
    [13, 'claims that are a list', sent(`${encode({ alg: 'RS512' })}.${encode([])}.`), ...malformed],
    [13, 'padding', sent(`${encode({ alg: 'RS512' })}=.${encode({})}.`), ...malformed],
    [14, 'no alg', () => ask({ header: { alg: undefined } }), ...alg],
    [14, 'RS256', () => ask({ header: { alg: 'RS256' } }), ...alg],
    [15, 'exp a minute ago', () => ask({ claims: { exp: seconds() - 60 } }), ...expired],
    [15, 'exp this second', () => ask({ claims: { exp: seconds() } }), ...expired],
    [15, 'exp zero', () => ask({ claims: { exp: 0 } }), ...expired],
    [16, 'no kid', () => ask({ header: { kid: undefined } }), ...noKid],
    [17, 'no typ', () => ask({ header: { typ: undefined } }), ...typ],
    [17, 'another typ', () => ask({ header: { typ: 'at+jwt' } }), ...typ],
    [
      18,
      'no exp',
      () => ask({ claims: { exp: undefined } }),
      ...invalid("Missing 'exp' claim in client_assertion JWT"),
    ],
    [19, 'exp a string', () => ask({ claims: { exp: String(seconds() + 100) } }), ...expType],
    [19, 'exp with a fraction', () => ask({ claims: { exp: seconds() + 100.5 } }), ...expType],
    [20, 'no iss', () => ask({ claims: { iss: undefined } }), ...issSub],
    [20, 'no sub', () => ask({ claims: { sub: undefined } }), ...issSub],
    [20, 'iss and sub differ', () => ask({ claims: { sub: 'somebody-else' } }), ...issSub],
    [
      20,
      'iss and sub are the same list',
      () => ask({ claims: { iss: [client.appId], sub: [client.appId] } }),
      ...issSub,
    ],
    [
      21,
      'no jti',
      () => ask({ claims: { jti: undefined } }),
      ...invalid("Missing 'jti' claim in client_assertion JWT"),
    ],
    [22, 'jti a number', () => ask({ claims: { jti: 5 } }), ...jtiType],
    [22, 'jti an object', () => ask({ claims: { jti: { a: 1 } } }), ...jtiType],
    [
      24,
      'exp 312 seconds ahead',
      () => ask({ claims: { exp: seconds() + 312 } }),
      ...invalid("Invalid 'exp' claim in client_assertion JWT - more than 5 minutes in future"),
    ],
    [
      25,
      'an unknown API key',
      () => ask({}, {}, key, 'nobody'),
      401,
      'invalid_request',
      "Invalid 'iss'/'sub' claims in client_assertion JWT",
    ],
    [
      28,
      'a kid not in the key set',
      () => ask({ header: { kid: 'test-2' } }),
      401,
      'invalid_request',
      "Invalid 'kid' header in client_assertion JWT - no matching public key",
    ],
    [
      30,
      'no aud',
      () => ask({ claims: { aud: undefined } }),
      401,
      'invalid_request',
      "Missing or invalid 'aud' claim in client_assertion JWT",
    ],
    [
      30,
      'aud with a slash at the end',
      () => ask({ claims: { aud: `${service.url}/` } }),
      401,
      'invalid_request',
      "Missing or invalid 'aud' claim in client_assertion JWT",
    ],
    [
      30,
      'aud of another token service',
      () => ask({ claims: { aud: 'https://elsewhere.example/oauth2/token' } }),
      401,
      'invalid_request',
      "Missing or invalid 'aud' claim in client_assertion JWT",
    ],
    [
      30,
      'aud a list that holds the address',
      () => ask({ claims: { aud: [service.url] } }),
      401,
      'invalid_request',
      "Missing or invalid 'aud' claim in client_assertion JWT",
    ],
  ]);

  test('step 26: a client without keys', async () => {
    const bare = await registered(service.db, {});
    expect(await ask({}, {}, key, bare.appId)).toMatchObject({
      status: 403,
      body: {
        error: 'public_key error',
        error_description:
          'You need to register a public key to use this authentication method - please contact support to configure',
      },
    });
  });

  test('step 29: signed with another key under a registered name', async () => {
    const other = await clientKey('test-1');
    expect(await ask({}, {}, other)).toMatchObject({
      status: 401,
      body: { error: 'public_key error', error_description: 'JWT signature verification failed' },
    });
  });

  test('of several faults the first in the published order is told', async () => {
    const faults: [Wanted, string][] = [
      [
        { header: { alg: 'none', kid: undefined, typ: 'x' }, claims: { exp: 1, iss: undefined, jti: 7 } },
        'unsupported JWT algorithm',
      ],
      [{ header: { kid: undefined, typ: 'x' }, claims: { exp: 1, iss: undefined, jti: 7 } }, 'JWT has expired'],
      [{ header: { kid: undefined, typ: 'x' }, claims: { exp: 'x', iss: undefined, jti: 7 } }, "Missing 'kid'"],
      [{ header: { typ: 'x' }, claims: { exp: 'x', iss: undefined, jti: 7 } }, "Invalid 'typ'"],
      [{ claims: { exp: undefined, iss: undefined, jti: 7 } }, "Missing 'exp'"],
      [{ claims: { exp: 'x', iss: undefined, jti: 7 } }, 'must be an integer'],
      [{ claims: { exp: seconds() + 900, iss: undefined, jti: 7 } }, "non-matching 'iss'/'sub'"],
      [{ claims: { exp: seconds() + 900, jti: 7 } }, 'must be a unique string value'],
      [{ header: { kid: 'x' }, claims: { exp: seconds() + 900, iss: 'x', sub: 'x', aud: 'x' } }, 'more than 5 minutes'],
      [{ header: { kid: 'x' }, claims: { iss: 'x', sub: 'x', aud: 'x' } }, "Invalid 'iss'/'sub'"],
      [{ header: { kid: 'x' }, claims: { aud: 'x' } }, 'no matching public key'],
    ];
    for (const [wanted, words] of faults) expect((await ask(wanted)).body.error_description).toContain(words);
  });
});
