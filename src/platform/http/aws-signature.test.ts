import { expect, test } from 'vitest';
import { awsQuery, awsSigned, sha256 } from './aws-signature.ts';

const credentials = {
  accessKey: 'AKIAIOSFODNN7EXAMPLE',
  secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
};
const now = Date.parse('2013-05-24T00:00:00Z');
const signatureOf = (request: Partial<Parameters<typeof awsSigned>[0]>) =>
  /Signature=(\w+)$/.exec(
    awsSigned(
      {
        method: 'GET',
        host: 'examplebucket.s3.amazonaws.com',
        path: '/',
        query: '',
        payloadHash: sha256(''),
        ...request,
      },
      credentials,
      now,
    ).authorization as string,
  )?.[1];

test('the examples of the published specification are signed as it says', () => {
  expect(signatureOf({ path: '/test.txt', headers: { range: 'bytes=0-9' } })).toBe(
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  );
  expect(signatureOf({ query: awsQuery({ lifecycle: '' }) })).toBe(
    'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  );
  expect(signatureOf({ query: awsQuery({ prefix: 'J', 'max-keys': '2' }) })).toBe(
    '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  );
});
