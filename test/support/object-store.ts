import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { awsSigned, sha256 } from '../../src/platform/http/aws-signature.ts';

type Kept = { readonly bytes: Buffer; readonly modifiedAt: number };

export const standInCredentials = { accessKey: 'ACCESS', secretKey: 'SECRET', region: 'eu-west-2' };

/**
 * An S3-compatible store in memory: objects, listings of two at a time, uploads in parts. It checks every signature and
 * content hash, and may be told to fail.
 */
export async function standInObjectStore() {
  const objects = new Map<string, Kept>();
  const uploads = new Map<string, { key: string; parts: Map<number, Buffer>; beganAt: number }>();
  let failures = 0;
  let failure = { status: 503, code: 'SlowDown' };
  const server = createServer((request, response) => {
    void gather(request).then((body) => {
      if (failures > 0) {
        failures--;
        if (failure.status > 0) response.writeHead(failure.status).end(`<Error><Code>${failure.code}</Code></Error>`);
      } else if (!isSigned(request, body))
        response.writeHead(403).end('<Error><Code>SignatureDoesNotMatch</Code></Error>');
      else answer(request, response, body);
    });
  });

  function answer(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const url = new URL(request.url ?? '/', 'http://store');
    const key = url.pathname.replace(/^\/bucket\/?/, '');
    const uploadId = url.searchParams.get('uploadId') ?? '';
    const upload = uploads.get(uploadId);
    const say = (status: number, text: string | Buffer = '', headers = {}) =>
      response.writeHead(status, headers).end(text);
    if (key === '' && url.searchParams.has('uploads')) {
      const all = [...uploads].map(
        ([id, { key: of, beganAt }]) =>
          `<Upload><Key>${of}</Key><UploadId>${id}</UploadId><Initiated>${new Date(beganAt).toISOString()}</Initiated></Upload>`,
      );
      say(200, `<ListMultipartUploadsResult>${all.join('')}</ListMultipartUploadsResult>`);
    } else if (key === '') {
      const after = url.searchParams.get('continuation-token') ?? '';
      const names = [...objects.keys()]
        .filter((name) => name.startsWith(url.searchParams.get('prefix') ?? '') && name > after)
        .sort();
      const page = names.slice(0, 2);
      const contents = page.map(
        (name) =>
          `<Contents><Key>${name}</Key><LastModified>${new Date(objects.get(name)?.modifiedAt ?? 0).toISOString()}</LastModified></Contents>`,
      );
      const more = names.length > 2 ? `<NextContinuationToken>${page[1]}</NextContinuationToken>` : '';
      say(
        200,
        `<ListBucketResult><IsTruncated>${names.length > 2}</IsTruncated>${more}${contents.join('')}</ListBucketResult>`,
      );
    } else if (request.method === 'POST' && url.searchParams.has('uploads')) {
      const id = randomUUID();
      uploads.set(id, { key, parts: new Map(), beganAt: Date.now() });
      say(200, `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
    } else if (uploadId !== '' && !upload) say(404, '<Error><Code>NoSuchUpload</Code></Error>');
    else if (request.method === 'PUT' && upload) {
      upload.parts.set(Number(url.searchParams.get('partNumber')), body);
      say(200, '', { etag: `"${sha256(body).slice(0, 32)}"` });
    } else if (request.method === 'POST' && upload) {
      const parts = [...upload.parts].sort(([a], [b]) => a - b).map(([, part]) => part);
      objects.set(key, { bytes: Buffer.concat(parts), modifiedAt: Date.now() });
      uploads.delete(uploadId);
      say(200, '<CompleteMultipartUploadResult/>');
    } else if (request.method === 'DELETE') {
      if (upload) uploads.delete(uploadId);
      else objects.delete(key);
      say(204);
    } else if (request.method === 'PUT') {
      objects.set(key, { bytes: body, modifiedAt: Date.now() });
      say(200);
    } else {
      const kept = objects.get(key);
      if (kept) say(200, kept.bytes);
      else say(404, '<Error><Code>NoSuchKey</Code></Error>');
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/bucket`,
    objects,
    uploads,
    /** The next so many requests are answered with this status and code; with status 0, not at all. */
    failNext(count: number, status = 503, code = 'SlowDown'): void {
      failures = count;
      failure = { status, code };
    },
    /** How many of those have not come yet. */
    failuresLeft: () => failures,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function gather(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}

function isSigned(request: IncomingMessage, body: Buffer): boolean {
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const time = String(request.headers['x-amz-date']).replace(
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/,
    '$1-$2-$3T$4:$5:$6Z',
  );
  const signed = awsSigned(
    { method: request.method ?? '', host: String(request.headers.host), path, query, payloadHash: sha256(body) },
    standInCredentials,
    Date.parse(time),
  );
  return signed.authorization === request.headers.authorization;
}
