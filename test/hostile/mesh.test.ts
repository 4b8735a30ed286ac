import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { meshClient, meshToken } from '../support/mesh.ts';
import { startSpine } from '../support/spine.ts';
import { hostileBodies, hostileTexts } from './bodies.ts';
import { exchange, type RawAnswer, type RawRequest, send } from './raw.ts';

/*
 * Every operation of MESH, as the program itself lists them, with what nobody would send: never a 500, never a hung
 * connection, never a look inside, no header that a sender made up; and afterwards everything still works.
 */
const spine = await startSpine();
const port = Number(new URL(spine.url).port);
const administrator = await spine.token({
  mode: 'healthcare-worker',
  roles: [
    { roleProfileId: '555000000101', odsCode: 'X26', roleCode: 'S8000:G8000:R8000', activities: ['B0062', 'B0815'] },
  ],
  expiresIn: 86_400,
});

type Described = { paths: Record<string, Record<string, { operationId: string }>> };
const { paths } = (await (await fetch(`${spine.url}/openapi.json`)).json()) as Described;
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods)
    .filter(([, { operationId }]) => operationId.startsWith('mesh.'))
    .map(([method, { operationId }]) => ({ name: operationId, method: method.toUpperCase(), path })),
);
/** A mailbox whose administrators do everything to it. */
const odd = 'ODDBOX';
await spine.control('load', { mesh: { mailboxes: [{ mailbox_id: odd, ods_code: 'X26' }] } });
const mailboxes = ['X26ABC1', 'X26ABC2', 'X26ABC3', 'ALICE', 'BOB', 'BARRY'];

type Header = readonly [name: string, value: string];
type Wanted = { readonly what: string; readonly request: RawRequest };

/** A request to a mailbox of those there are, with a token that is right; other names in the path are `filling`. */
function requestTo(
  { method, path }: { method: string; path: string },
  filling: string,
  body: Buffer,
  more: readonly Header[] = [],
): RawRequest {
  const isStaff = /administration|worklist/.test(path);
  return {
    method,
    target: path.replace('{mailbox}', isStaff ? filling : 'X26ABC1').replaceAll(/\{[A-Za-z]+\}/g, filling),
    headers: [
      ['Authorization', isStaff ? `Bearer ${administrator}` : meshToken('X26ABC1')],
      ['Mex-ClientVersion', 'x'],
      ['Mex-OsName', 'x'],
      ['Mex-OsVersion', 'x'],
      ...more,
    ],
    body: ['GET', 'HEAD'].includes(method) ? Buffer.alloc(0) : body,
  };
}

/** What an answer must not be: a failure of ours, silence, a look inside, or somebody else's header. */
function faultIn({ status, head, text }: RawAnswer): string | undefined {
  if (status === 0) return 'no answer';
  if (status >= 500 && status !== 501 && status !== 503) return `${status}`;
  if (/node_modules|\.ts:\d+|at Object\.|SyntaxError|TypeError|syntax error at|PostgreSQL/.test(text))
    return 'a look inside';
  // lines end as in HTTP: a regular expression takes U+2028 for an end too
  const isMadeUp = head.split(/\r?\n|\r/).some((line) => /^(set-cookie|x-made-up):/i.test(line));
  return isMadeUp ? 'a header made up' : undefined;
}

async function faultsOf(wanted: readonly Wanted[]): Promise<string[]> {
  const found: string[] = [];
  for (let i = 0; i < wanted.length; i += 16) {
    const some = wanted.slice(i, i + 16);
    const answers = await Promise.all(some.map(({ request }) => send(port, request)));
    answers.forEach((answer, j) => {
      const fault = faultIn(answer);
      if (fault !== undefined) found.push(`${some[j]?.what}: ${fault} ${answer.text.slice(0, 200)}`);
    });
  }
  return found;
}

const queryNames = [
  'messageID',
  'message_id',
  'continue_from',
  'workflow_filter',
  'max_results',
  'start_time',
  'wait',
  '_cursor',
  '_after',
  'odsCode',
  'workflow',
  'localId',
  'from',
  'direction',
  'mailbox',
  'days',
  'hours',
];
const wholeReset = /^mesh\.admin-reset-(?!mailbox)/;

describe('MESH meets what nobody would send', () => {
  test('the program lists its operations', () => {
    expect(operations.length).toBeGreaterThan(50);
  });

  test.each(operations.map((operation) => [operation.name, operation] as const))('%s', async (name, operation) => {
    if (wholeReset.test(name)) return;
    const { path } = operation;
    const bodies = Object.entries(hostileBodies).filter(() => !['GET', 'HEAD'].includes(operation.method));
    const wanted: Wanted[] = [
      ...bodies.map(([what, body]) => ({ what, request: requestTo(operation, odd, body) })),
      ...hostileTexts
        .filter(() => path.includes('{'))
        .flatMap((text) => [
          { what: `path of ${text.slice(0, 30)}`, request: requestTo(operation, text, Buffer.from('{}')) },
          {
            what: `path behind an id of ${text.slice(0, 30)}`,
            request: requestTo(operation, `20200529155357895317_3573F8${text}`, Buffer.from('x'), [
              ['Mex-Chunk-Range', '2:2'],
            ]),
          },
        ]),
      ...(operation.method === 'GET' ? hostileTexts : []).flatMap((text, index) =>
        // each alone, since the first that is refused hides the others; not all of them, which would take minutes
        queryNames
          .filter((_, place) => place % 3 === index % 3)
          .map((one) => ({
            what: `${one} of ${text.slice(0, 30)}`,
            request: requestTo({ ...operation, path: `${path}?${one}=${text}` }, odd, Buffer.alloc(0)),
          })),
      ),
      { what: 'nobody', request: { method: operation.method, target: path, headers: [['Authorization', 'NHSMESH']] } },
    ];
    expect(await faultsOf(wanted)).toEqual([]);
  });

  test('tokens that are none', async () => {
    const good = meshToken('X26ABC1');
    const none = ['\xff', '\xc3\x28', ':'.repeat(4), ':'.repeat(10_000), `${good}:`, good.replace(/.$/, 'g')].concat(
      hostileTexts.map((text) => `X26ABC1:${text}:1:202001010000:00`),
      hostileTexts.map((text) => `X26ABC1:n:1:${text}:${'0'.repeat(64)}`),
      ['99999999999999', '000000000000', '-20200101000', '٢٠٢٠٠١٠١٠٠٠٠'].map((at) => `X26ABC1:n:1:${at}:00`),
    );
    for (const text of none) {
      const authorization = text.startsWith('NHSMESH') ? text : `NHSMESH ${text}`;
      const target = '/messageexchange/X26ABC1/inbox';
      const answer = await send(port, { method: 'GET', target, headers: [['Authorization', authorization]] });
      expect([400, 403], authorization.slice(0, 60)).toContain(answer.status);
    }
  });

  test('headers of a sending, any bytes: nothing of them becomes a header of its own in what is fetched', async () => {
    const names = [
      'Mex-To',
      'Mex-WorkflowID',
      'Mex-Chunk-Range',
      'Mex-LocalID',
      'Mex-PartnerID',
      'Mex-FileName',
      'Mex-Subject',
      'Mex-Content-Checksum',
      'Mex-Content-Type',
      'Content-Type',
      'Content-Encoding',
      'Mex-Content-Encrypted',
      'Accept',
      'Accept-Encoding',
      'Idempotency-Key',
      'OpenSpine-Delivery-Receipt',
    ];
    const values = [
      '\x80\x81\xfe\xff',
      'x\tset-cookie: a=b',
      '\xe2\x80\xa8set-cookie: a=b',
      '\xc4\x8d\xc4\x8aset-cookie: a=b',
      '%0d%0ax-made-up: 1',
      '../../../etc/passwd',
      '9'.repeat(30),
      '1:99999999',
      '0:0',
      '-1:-1',
      'text/html; charset=\x22><script>',
      'application/vnd.mesh.v3+json',
      'application/vnd.mesh.v2+json',
      'x'.repeat(8_000),
      '__proto__',
    ];
    const said: Header[] = [
      ['Mex-To', 'X26ABC2'],
      ['Mex-WorkflowID', 'TEST_WORKFLOW'],
    ];
    const sending = (name: string, value: string): RawRequest => ({
      method: 'POST',
      target: '/messageexchange/X26ABC1/outbox',
      headers: [['Authorization', meshToken('X26ABC1')], ...said.filter(([one]) => one !== name), [name, value]],
      body: 'x',
    });
    const wanted = names.flatMap((name) =>
      values.map((value) => ({ what: `${name}: ${value.slice(0, 30)}`, request: sending(name, value) })),
    );
    expect(await faultsOf(wanted)).toEqual([]);
    const { messages } = (await meshClient(spine.url, 'X26ABC2')('/inbox?max_results=5000')).body as {
      messages: string[];
    };
    expect(messages.length).toBeGreaterThan(50);
    const fetches = messages.map((id) => ({
      what: `GET ${id}`,
      request: {
        method: 'GET',
        target: `/messageexchange/X26ABC2/inbox/${id}`,
        headers: [
          ['Authorization', meshToken('X26ABC2')],
          ['Accept', 'application/vnd.mesh.v2+json'],
        ] as Header[],
      },
    }));
    expect(await faultsOf(fetches)).toEqual([]);
  });

  test('bodies that are not what they say, and HTTP that is none', async () => {
    const head = (...lines: string[]) =>
      Buffer.from(
        `${[
          'POST /messageexchange/X26ABC1/outbox HTTP/1.1',
          'Host: x',
          'Connection: close',
          `Authorization: ${meshToken('X26ABC1')}`,
          'Mex-To: X26ABC2',
          'Mex-WorkflowID: TEST_WORKFLOW',
          ...lines,
        ].join('\r\n')}\r\n\r\n`,
        'latin1',
      );
    const cases: [string, Buffer, number[]][] = [
      ['a length that is none', head('Content-Length: x'), [400]],
      ['two lengths', Buffer.concat([head('Content-Length: 1', 'Content-Length: 2'), Buffer.from('xx')]), [400]],
      ['length and pieces', head('Content-Length: 5', 'Transfer-Encoding: chunked'), [400]],
      ['pieces that are none', Buffer.concat([head('Transfer-Encoding: chunked'), Buffer.from('zz\r\n')]), [400]],
      ['no body at all', head('Content-Length: 0'), [417]],
      ['an empty piece', Buffer.concat([head('Transfer-Encoding: chunked'), Buffer.from('0\r\n\r\n')]), [417]],
      ['far too much', head('Content-Length: 99999999999999'), [413]],
      [
        'gzip that is none',
        Buffer.concat([head('Content-Encoding: gzip', 'Content-Length: 3'), Buffer.from('abc')]),
        [202],
      ],
      [
        'gzip cut short',
        Buffer.concat([head('Content-Encoding: gzip', 'Content-Length: 9'), gzipSync('hello').subarray(0, 9)]),
        [202],
      ],
    ];
    for (const [what, bytes, expected] of cases) {
      const answer = await exchange(port, bytes);
      expect([what, faultIn(answer), expected.includes(answer.status)]).toEqual([what, undefined, true]);
    }
  });

  test('results and traces of any bytes are taken, or come back as a report', async () => {
    const workflows = ['PATH_MEDRPT_V3', 'PATH_MEDRPT_V3_ACK', 'SCRN_BCS_MEDRPT_V4'];
    const results = [
      "UNB+UNOC:3+a+b+c+d'",
      "UNA'''''''''",
      "UNA:+.? 'UNB",
      "UNB+UNOC:3+'UNZ+1+'",
      "UNB+UNOC:3+1:1+2:2+200101:0000+7'UNZ+99999999999999999999+7'",
      '?'.repeat(40_000),
      '\u0000'.repeat(100),
    ].map((text) => Buffer.from(text));
    const bodies = [...Object.values(hostileBodies), ...results, gzipSync(Buffer.alloc(70_000_000))];
    const wanted = workflows.flatMap((workflow) =>
      bodies.map((body, index) => ({
        what: `${workflow} of body ${index}`,
        request: {
          method: 'POST',
          target: '/messageexchange/ALICE/outbox',
          headers: [
            ['Authorization', meshToken('ALICE')],
            ['Mex-To', 'BOB'],
            ['Mex-WorkflowID', workflow],
          ] as Header[],
          body,
        },
      })),
    );
    expect(await faultsOf(wanted)).toEqual([]);
  });

  test('and afterwards a message still goes from one mailbox to another', async () => {
    for (const [index, mailbox] of mailboxes.entries()) {
      const next = mailboxes[(index + 1) % mailboxes.length] as string;
      const headers = { 'mex-to': next, 'mex-workflowid': 'AFTERWARDS' };
      const sent = await meshClient(spine.url, mailbox)('/outbox', { method: 'POST', headers, body: 'still here' });
      expect([mailbox, sent.status]).toEqual([mailbox, 202]);
      const got = await meshClient(spine.url, next)(`/inbox/${sent.body.messageID}`);
      expect(got.bytes.toString()).toBe('still here');
    }
  });
});
