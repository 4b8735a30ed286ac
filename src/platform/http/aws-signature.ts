import { createHash, createHmac } from 'node:crypto';

export type AwsCredentials = { readonly accessKey: string; readonly secretKey: string; readonly region: string };

/** SHA-256 in hexadecimal, as signatures want it. */
export const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();

/** Everything but letters, digits and `-._~` in hexadecimal. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

/** The query as it is signed and sent: names in order. */
export function awsQuery(query: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(query).map(([name, value]) => `${encoded(name)}=${encoded(value)}`);
  return pairs.sort().join('&');
}

export type AwsRequest = {
  readonly method: string;
  readonly host: string;
  /** As sent, encoded. */
  readonly path: string;
  readonly query: string;
  /** Further headers to be signed; names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly payloadHash: string;
};

/** Headers that sign a request to S3 (AWS Signature Version 4). `now` in milliseconds. */
export function awsSigned(request: AwsRequest, credentials: AwsCredentials, now: number): Record<string, string> {
  const time = new Date(now).toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
  const day = time.slice(0, 8);
  const headers: Record<string, string> = {
    ...request.headers,
    host: request.host,
    'x-amz-content-sha256': request.payloadHash,
    'x-amz-date': time,
  };
  const names = Object.keys(headers).sort();
  const canonical = [
    request.method,
    request.path,
    request.query,
    ...names.map((name) => `${name}:${headers[name]?.trim()}`),
    '',
    names.join(';'),
    request.payloadHash,
  ].join('\n');
  const scope = `${day}/${credentials.region}/s3/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n');
  const key = [credentials.region, 's3', 'aws4_request'].reduce(
    (signing, part) => hmac(signing, part),
    hmac(`AWS4${credentials.secretKey}`, day),
  );
  const signature = hmac(key, toSign).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKey}/${scope},SignedHeaders=${names.join(';')},Signature=${signature}`;
  return { ...headers, authorization };
}
