import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Database } from '../../src/platform/db/database.ts';
import { writeAcknowledgment } from '../../src/services/mesh/pathology/nhsack.ts';
import { registered } from '../support/access.ts';
import { meshClient, meshToken } from '../support/mesh.ts';
import { resultsInterchange } from '../support/results.ts';
import { startSpine } from '../support/spine.ts';

/*
 * A laboratory sends results to a practice. One is acknowledged and is off everybody's mind; one is collected and never
 * acknowledged, one is rejected: both end up on the worklists of both sides, until a person has seen to them.
 */
const spine = await startSpine();
const ada = '9000000009';
const hidden = '9000000017';
const row = (mailbox_id: string, ods_code: string) => ({
  mailbox_id,
  ods_code,
  org_code: ods_code,
  password: 'password',
});
const gpWorkflows = ['PATH_MEDRPT_V3', 'TOC_FHIR_IP_DISCH'];
await spine.control('load', {
  pds: {
    patients: [
      registered(ada, { family: 'Windermere', practice: 'B81999' }),
      registered(hidden, { security: 'R', practice: 'B81999' }),
    ],
  },
  mesh: {
    mailboxes: [row('LAB01', 'RXL01'), row('GP01', 'B81999'), row('GP02', 'C82002')],
    workflows: gpWorkflows.map((workflow_id) => ({ workflow_id, senders: ['LAB01'], receivers: ['GP01', 'GP02'] })),
  },
});
const lab = meshClient(spine.url, 'LAB01');
const practice = meshClient(spine.url, 'GP01');
const activities = ['B0380'];
/** Outlives the days by which this story moves the clock. */
const staff = (userId: string, odsCode: string, activities: readonly string[] = [], roleCode = 'S8000:G8000:R8000') =>
  spine.token({
    mode: 'healthcare-worker',
    userId,
    scopes: ['urn:nhsd:apim:user-nhs-cis2:aal3:personal-demographics-service'],
    roles: [{ roleProfileId: `1${userId.slice(1)}`, odsCode, roleCode, activities }],
    expiresIn: 30 * 86_400,
  });
const gp = await staff('555555555501', 'B81999', activities);
const scientist = await staff('555555555502', 'RXL01', [], 'S0000:G0000:R1580');

const post = (workflow: string, to: string, body: string | Buffer, from = lab, headers = {}) =>
  from('/outbox', { method: 'POST', headers: { 'mex-to': to, 'mex-workflowid': workflow, ...headers }, body });

async function send(workflow: string, to: string, body: string | Buffer, from = lab, headers = {}): Promise<string> {
  const answer = await post(workflow, to, body, from, headers);
  expect(answer.status).toBe(202);
  return answer.body.messageID;
}
const inbox = async (of: typeof lab): Promise<string[]> => (await of('/inbox')).body.messages;
const acknowledge = async (of: typeof lab, id: string) =>
  expect((await of(`/inbox/${id}/status/acknowledged`, { method: 'PUT' })).status).toBe(200);

type Item = {
  mailbox: string;
  messageId: string;
  reason: string;
  side: string;
  reports: { nhsNumber: string; clinician: string; isRejected: boolean }[];
};

async function worklist(
  token: string,
  path = '',
): Promise<{ status: number; results: Item[]; next?: string; rule?: string }> {
  const response = await fetch(`${spine.url}${path.startsWith('/mesh') ? path : `/mesh/worklist${path}`}`, {
    headers: { authorization: token.startsWith('NHSMESH') ? token : `Bearer ${token}` },
  });
  // biome-ignore lint/suspicious/noExplicitAny: refusals have another shape
  const body = (await response.json()) as any;
  return { status: response.status, rule: body.issue?.[0]?.details?.coding?.[0]?.code, ...body };
}
const reasons = async (token: string) =>
  Object.fromEntries((await worklist(token)).results.map((item) => [item.messageId, item.reason]));
const close = (token: string, path: string, body: unknown) =>
  fetch(`${spine.url}/mesh/worklist/${path}/close`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });

/** The practice's answer to the interchange under this reference. */
const answerTo = (controlReference: string, accepted: readonly boolean[]) =>
  writeAcknowledgment(
    {
      sender: { id: 'LABORATORY01', qualifier: '80' },
      recipient: { id: 'SURGERY01', qualifier: '80' },
      controlReference,
    },
    accepted.map((isAccepted, index) => ({ reference: String(index + 1), isAccepted })),
    `9${controlReference}`,
    Date.parse('2026-03-14T12:00:00Z'),
  );

test('a result is sent, collected, acknowledged; the acknowledgment reaches the laboratory', async () => {
  const sent = resultsInterchange({ controlReference: '1' });
  const id = await send('PATH_MEDRPT_V3', 'GP01', sent);
  expect(await inbox(practice)).toEqual([id]);
  expect((await practice(`/inbox/${id}`)).bytes.toString('latin1')).toBe(sent);
  await acknowledge(practice, id);
  const answer = await send('PATH_MEDRPT_V3_ACK', 'LAB01', answerTo('1', [true]), practice);
  expect(await inbox(lab)).toEqual([answer]);
  await acknowledge(lab, answer);
});

test('results that nobody acknowledges are on the worklists of both sides when their time is over', async () => {
  const uncollected = await send('PATH_MEDRPT_V3', 'GP01', resultsInterchange({ controlReference: '2' }));
  const collected = await send('path_medrpt_v3', 'GP01', resultsInterchange({ controlReference: '3' }));
  const unasked = await send(
    'PATH_MEDRPT_V3',
    'GP01',
    resultsInterchange({ controlReference: '4', isAcknowledgmentAsked: false }),
  );
  await acknowledge(practice, collected);
  await acknowledge(practice, unasked);
  expect([await reasons(gp), await reasons(scientist)]).toEqual([{}, {}]);

  await spine.control('clock', { advance: 'P1D' });
  const due = { [uncollected]: 'not-collected', [collected]: 'not-acknowledged' };
  expect(await reasons(gp)).toEqual(due);
  expect(await reasons(scientist)).toEqual(due);
  const [item] = (await worklist(scientist)).results;
  expect(item).toMatchObject({
    mailbox: 'LAB01',
    side: 'sender',
    otherMailbox: 'GP01',
    controlReference: '2',
    reports: [{ nhsNumber: ada, clinician: 'G7654321', clinicianName: "O'HARA", organisation: 'B81999' }],
  });

  await acknowledge(practice, uncollected);
  await send('PATH_MEDRPT_V3_ACK', 'LAB01', answerTo('2', [true]), practice);
  expect(await reasons(gp)).toEqual({ [collected]: 'not-acknowledged' });
  expect(await reasons(scientist)).toEqual({ [collected]: 'not-acknowledged' });
});

test('a rejected result is on the worklists at once, the rejected report marked; accepted later it is settled', async () => {
  const id = await send('PATH_MEDRPT_V3', 'GP01', resultsInterchange({ controlReference: '5', reports: [{}, {}] }));
  await send('PATH_MEDRPT_V3_ACK', 'LAB01', answerTo('5', [true, false]), practice);
  expect((await reasons(scientist))[id]).toBe('partly-rejected');
  const item = (await worklist(gp)).results.find((one) => one.messageId === id);
  expect(item?.reports.map((report) => report.isRejected)).toEqual([false, true]);
  await send('PATH_MEDRPT_V3_ACK', 'LAB01', answerTo('5', [true, true]), practice);
  expect((await reasons(scientist))[id]).toBeUndefined();
  // and turned down after all: it comes back
  await send('PATH_MEDRPT_V3_ACK', 'LAB01', answerTo('5', [false, false]), practice);
  expect((await reasons(scientist))[id]).toBe('rejected');
});

test('what is addressed to another practice is on the worklists at once', async () => {
  const id = await send('PATH_MEDRPT_V3', 'GP02', resultsInterchange({ controlReference: '6' }));
  expect((await reasons(scientist))[id]).toBe('addressed-elsewhere');
  expect((await reasons(gp))[id]).toBeUndefined();
});

test('nobody acknowledges for another: the mailbox that answers must have had the result', async () => {
  const id = await send('PATH_MEDRPT_V3', 'GP01', resultsInterchange({ controlReference: '7' }));
  await send('PATH_MEDRPT_V3_ACK', 'LAB01', answerTo('7', [true]), meshClient(spine.url, 'GP02'));
  await spine.control('clock', { advance: 'P1D' });
  expect((await reasons(scientist))[id]).toBe('not-collected');
});

test('a result in a mailbox that is deactivated is on the worklists at once', async () => {
  const away = row('GP09', 'B81999');
  await spine.control('load', { mesh: { mailboxes: [away] } });
  const id = await send('PATH_MEDRPT_V3', 'GP09', resultsInterchange({ controlReference: '10' }));
  await spine.control('load', { mesh: { mailboxes: [{ ...away, active: false }] } });
  while ((await lab(`/outbox/tracking?messageID=${id}`)).body.status === 'Accepted') await pause(100);
  expect((await reasons(scientist))[id]).toBe('undelivered');
  expect((await reasons(gp))[id]).toBe('undelivered');
});

test('a person takes a result off the worklist of one side and says why', async () => {
  const [item] = (await worklist(gp)).results as [Item];
  const path = `GP01/${item.messageId}`;
  expect((await close(gp, path, { reason: ' ' })).status).toBe(400);
  expect((await close(gp, 'LAB01/x', { reason: 'rang the laboratory' })).status).toBe(404);
  expect((await close(gp, path, { reason: 'rang the patient, repeat taken' })).status).toBe(204);
  expect((await close(gp, path, { reason: 'rang the patient, repeat taken' })).status).toBe(409);
  expect((await reasons(gp))[item.messageId]).toBeUndefined();
  expect((await reasons(scientist))[item.messageId]).toBeDefined();
});

test('the worklist is for staff with a part in results, of the organisation, and for the mailbox itself', async () => {
  expect(await worklist('nonsense')).toMatchObject({ status: 401, rule: 'token' });
  const clerk = await staff('555555555503', 'B81999');
  expect(await worklist(clerk)).toMatchObject({ status: 403, rule: 'activity' });
  const elsewhere = await staff('555555555504', 'X99999', activities);
  expect((await worklist(elsewhere)).results).toEqual([]);
  expect(await worklist(elsewhere, '/GP01')).toMatchObject({ status: 404 });
  const ofGp01 = (await worklist(gp)).results.filter((item) => item.mailbox === 'GP01');
  expect((await worklist(gp, '/gp01')).results).toEqual(ofGp01);
  const own = await worklist(meshToken('LAB01'), '/LAB01');
  expect(own.results).toEqual((await worklist(scientist)).results);
  expect(await worklist(meshToken('GP01'), '/LAB01')).toMatchObject({ status: 403 });
  expect(await worklist(meshToken('LAB01'), '')).toMatchObject({ status: 401 });
  const application = await spine.token({ mode: 'application-restricted', appId: 'LAB01' });
  expect(await worklist(application, '/LAB01')).toMatchObject({ status: 403 });
});

test('a worklist is read page by page', async () => {
  const all = (await worklist(scientist)).results;
  const read: Item[] = [];
  for (let page = await worklist(scientist, '?_count=1'); ; page = await worklist(scientist, page.next)) {
    read.push(...page.results);
    if (page.next === undefined) break;
  }
  expect(read).toEqual(all);
  expect(await worklist(scientist, '?_cursor=x')).toMatchObject({ status: 400 });
  expect(await worklist(scientist, '?_count=0')).toMatchObject({ status: 400 });
});

test('a clinician asks for what is theirs', async () => {
  const reports = [{ clinician: 'C1234567' }];
  const id = await send('PATH_MEDRPT_V3', 'GP01', resultsInterchange({ controlReference: '11', reports }));
  await spine.control('clock', { advance: 'P1D' });
  const mine = await worklist(gp, '?clinician=c1234567');
  expect(mine.results.map((item) => item.messageId)).toEqual([id]);
  expect((await worklist(gp, '?clinician=G0000000')).results).toEqual([]);
  expect(await worklist(gp, "?clinician=x'")).toMatchObject({ status: 400 });
  const page = await worklist(scientist, '?_count=1&clinician=G7654321');
  expect((await worklist(scientist, page.next)).results[0]?.reports[0]?.clinician).toBe('G7654321');
});

test('a file that is no whole interchange is not delivered; the report says why and the upload says 202', async () => {
  const before = await inbox(practice);
  const id = await send('PATH_MEDRPT_V3', 'GP01', resultsInterchange().replace('UNZ+1', 'UNZ+2'), lab, {
    'mex-localid': 'bad-1',
  });
  expect(await inbox(practice)).toEqual(before);
  expect((await practice(`/inbox/${id}`)).status).toBe(410);
  const tracking = await lab(`/outbox/tracking?messageID=${id}`);
  expect(tracking.body).toMatchObject({ status: 'Error', statusCode: '11' });
  const report = await newestReport(lab);
  expect(report).toMatchObject({ 'mex-linkedmsgid': id, 'mex-statuscode': '11', 'mex-localid': 'bad-1' });
  expect(report['mex-statusdescription']).toContain('UNZ does not count the 1 messages that are there');
});

test('results in chunks and compressed are looked into when the last chunk is there', async () => {
  const { gzipSync } = await import('node:zlib');
  const whole = gzipSync(Buffer.from(resultsInterchange({ controlReference: '8', reports: [{}, {}] }), 'latin1'));
  const bad = gzipSync(Buffer.from(resultsInterchange({ controlReference: '9' }).slice(0, -30), 'latin1'));
  for (const [bytes, isTaken] of [
    [whole, true],
    [bad, false],
  ] as const) {
    const waiting = (await inbox(practice)).length;
    const headers = { 'content-encoding': 'gzip', 'mex-chunk-range': '1:2' };
    const id = await send('PATH_MEDRPT_V3', 'GP01', bytes.subarray(0, 100), lab, headers);
    const last = await lab(`/outbox/${id}/2`, {
      method: 'POST',
      headers: { 'content-encoding': 'gzip', 'mex-chunk-range': '2:2' },
      body: bytes.subarray(100),
    });
    expect(last.status).toBe(202);
    expect((await inbox(practice)).length - waiting).toBe(isTaken ? 1 : 0);
    if (!isTaken) expect(await newestReport(lab)).toMatchObject({ 'mex-linkedmsgid': id, 'mex-statuscode': '11' });
  }
});

/** The headers of the report that came last. */
async function newestReport(of: typeof lab): Promise<Record<string, string>> {
  const ids = await inbox(of);
  const { headers } = await of(`/inbox/${ids.at(-1)}`);
  return Object.fromEntries(headers);
}

test('a message by patient goes to the mailbox of the practice, and the patient is told nowhere', async () => {
  const to = `GPPROVIDER_${ada}_01011990_Windermere`;
  const id = await send('TOC_FHIR_IP_DISCH', to, '{}', lab, { 'mex-localid': 'routed' });
  expect(await inbox(practice)).toContain(id);
  const { headers } = await practice(`/inbox/${id}`);
  expect(headers.get('mex-to')).toBe('GP01');
  const tracking = await lab(`/outbox/tracking?messageID=${id}`);
  expect(tracking.body.recipient).toBe('GP01');
  expect(JSON.stringify([...headers, tracking.body, (await lab('/outbox/rich')).body])).not.toMatch(
    /GPPROVIDER_|WINDERMERE/i,
  );
});

test.each([
  [`GPPROVIDER_9000000008_19900101_WINDERMERE`, 'EPL-152'],
  [`GPPROVIDER_9000000025_19900101_WINDERMERE`, 'EPL-153'],
  [`GPPROVIDER_${ada}_19900101_AMBLESIDE`, 'EPL-154'],
  [`GPPROVIDER_${hidden}_19900101_PENHALIGON`, 'EPL-151'],
])('%s is taken, and answered by a report %s without the patient in it', async (to, code) => {
  const id = await send('TOC_FHIR_IP_DISCH', to, '{}');
  const report = await newestReport(lab);
  expect(report).toMatchObject({ 'mex-linkedmsgid': id, 'mex-statuscode': code, 'mex-statusevent': 'SEND' });
  const tracking = await lab(`/outbox/tracking?messageID=${id}`);
  expect(tracking.body).toMatchObject({ status: 'Error', statusCode: code });
  expect(JSON.stringify([report, tracking.body])).not.toMatch(/GPPROVIDER_|WINDERMERE|AMBLESIDE|PENHALIGON|900000/i);
});

test('a long message that finds no practice is uploaded to its end; there is one report, and nothing is kept', async () => {
  const waiting = (await inbox(lab)).length;
  const to = `GPPROVIDER_${ada}_19900101_AMBLESIDE`;
  const id = await send('TOC_FHIR_IP_DISCH', to, 'one', lab, { 'mex-chunk-range': '1:3' });
  const chunk = async (number: number, range: string) => {
    const answer = await lab(`/outbox/${id}/${number}`, {
      method: 'POST',
      headers: { 'mex-chunk-range': range },
      body: 'x',
    });
    return answer.status;
  };
  expect([await chunk(2, '2:3'), await chunk(3, '3:3'), await chunk(4, '4:4')]).toEqual([202, 202, 423]);
  expect((await inbox(lab)).length).toBe(waiting + 1);
});

test('two mailboxes of the practice for the workflow: EPL-150', async () => {
  await spine.control('load', {
    mesh: {
      mailboxes: [row('GP03', 'B81999')],
      workflows: [{ workflow_id: 'TOC_FHIR_EC_DISCH', senders: ['LAB01'], receivers: ['GP01', 'GP03'] }],
    },
  });
  await send('TOC_FHIR_EC_DISCH', `GPPROVIDER_${ada}_19900101_WINDERMERE`, '{}');
  expect(await newestReport(lab)).toMatchObject({ 'mex-statuscode': 'EPL-150' });
});

test('a trace file goes to the mailbox that workflow search finds, and is answered', async () => {
  const found = await lab('/../workflowsearch/SPINE_PDS_MESH_V1');
  const [{ mailbox_id: pds }] = found.body.results;
  const header = 'UNIQUE REFERENCE,NHS_NO,FAMILY_NAME,GIVEN_NAME,GENDER,DATE_OF_BIRTH\r\n';
  const file = `${header}1,${ada},,,,19900101\r\n2,,Windermere,Nora,2,19900101\r\n3,,Nobody,,2,19900101\r\n4,${hidden},,,,19900101\r\n`;
  const sent = { 'mex-localid': 'trace-1', 'mex-filename': 'people.csv' };
  const id = await send('SPINE_PDS_MESH_V1', pds, file, lab, sent);
  const answered = await arrived(lab, 'SPINE_PDS_MESH_V1');
  const { headers, bytes } = await lab(`/inbox/${answered}`);
  expect(headers.get('mex-filename')).toMatch(/^RESP_people_\d{14}\.csv$/);
  expect([headers.get('mex-from'), headers.get('mex-localid')]).toEqual([pds, 'trace-1']);
  const lines = bytes.toString().trimEnd().split('\r\n');
  expect(lines.length).toBe(5);
  expect(lines[1]).toMatch(/^1,9000000009,Windermere,Nora,.*,B81999,.*,00,9000000009,1,100$/);
  expect(lines[2]).toMatch(/^2,,Windermere,Nora,.*,00,9000000009,3,100$/);
  expect(lines[3]).toMatch(/^3,,.*,91,0000000000,0,0$/);
  expect(lines[4]).toMatch(/^4,9000000017,Penhaligon,.*,S,,00,9000000017,1,100$/);
  expect(lines[4]).not.toMatch(/B81999|YO1|High Street/);
  expect((await lab(`/outbox/tracking?messageID=${id}`)).body.status).toBe('Acknowledged');
  await acknowledge(lab, answered);
});

test('a trace file that cannot be read is answered by a report', async () => {
  const id = await send('SPINE_PDS_MESH_V1', 'X26PDSMESH', 'NHS_NO\r\n1');
  await arrived(lab, 'SPINE_PDS_MESH_V1');
  const report = await newestReport(lab);
  expect(report).toMatchObject({ 'mex-linkedmsgid': id, 'mex-statuscode': '11' });
  expect(report['mex-statusdescription']).toContain('the header row has no UNIQUE REFERENCE');
});

/** Waits until a message of the workflow is in the inbox. */
async function arrived(of: typeof lab, workflow: string): Promise<string> {
  for (;;) {
    const { body } = await of(`/inbox?workflow_filter=${workflow}`);
    if (body.messages.length > 0) return body.messages.at(-1);
    await pause(100);
  }
}

test('the audit names, for each patient, who looked, who closed, who sent and who traced; no address by patient stands anywhere', async () => {
  const db = new Database({ url: spine.databaseUrl });
  try {
    const rows = await db.query<{ text: string }>({
      name: 'audited',
      text: `select distinct concat_ws(' ', operation, nhs_number, nullif(user_id, ''), nullif(app_id, '')) as text
               from audit.entry where operation like 'mesh.%' and nhs_number <> ''`,
      values: [],
    });
    const found = rows.map((row) => row.text);
    expect(found).toContainEqual(expect.stringContaining(`mesh.list-results ${ada} 555555555502`));
    expect(found).toContainEqual(expect.stringContaining(`mesh.close-result ${ada} 555555555501`));
    expect(found).toContain(`mesh.list-results-of-mailbox ${ada} LAB01`);
    expect(found).toContain(`mesh.send ${ada} LAB01`);
    expect(found).toContain(`mesh.send ${hidden} LAB01`);
    expect(found).toContain(`mesh.batch-trace ${hidden} LAB01`);
    for (const table of ['mesh.message', 'mesh.outbox', 'mesh.message_address', 'events.event', 'audit.entry']) {
      const [count] = await db.query<{ told: number }>({
        name: table,
        text: `select count(*)::int as told from ${table} t where t::text ~* 'gpprovider_|windermere|ambleside'`,
        values: [],
      });
      expect([table, count?.told]).toEqual([table, 0]);
    }
  } finally {
    await db.close();
  }
});
