import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { Database } from '../../src/platform/db/database.ts';
import { meshClient } from '../support/mesh.ts';
import { startSpine } from '../support/spine.ts';

/*
 * The disk of the payload store fills up: what needs room is refused with an error that says so, everything else goes on.
 */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });
const disk = mkdtempSync(join(tmpdir(), 'openspine-disk-'));
const isMounted = spawnSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', disk]).status === 0;

if (!isMounted) {
  rmSync(disk, { recursive: true });
  test.skip('MESH with a full disk: no disk of a few megabytes can be mounted here (it takes root)', () => {});
} else {
  describe('MESH with a full disk', async () => {
    // after the Spine has ended: hooks run last registered first
    afterAll(() => {
      spawnSync('/bin/umount', ['-l', disk]);
      rmSync(disk, { recursive: true, force: true });
    });
    const spine = await startSpine({ OPENSPINE_MESH_DIRECTORY: disk, OPENSPINE_LOG_LEVEL: 'silent' });
    const sender = meshClient(spine.url, 'X26ABC1');
    const recipient = meshClient(spine.url, 'X26ABC2');
    const post = (body: Buffer, headers = {}, path = '/outbox') =>
      sender(path, { method: 'POST', headers: { 'mex-to': 'X26ABC2', 'mex-workflowid': 'W', ...headers }, body });
    const there: { id: string; payload: Buffer }[] = [];
    const incoming = () => readdirSync(join(disk, 'incoming'));

    test('what has no room is refused, by a status after which clients come again, in words that say why', async () => {
      let answer: Awaited<ReturnType<typeof post>>;
      for (;;) {
        const payload = randomBytes(700_000);
        answer = await post(payload);
        if (answer.status !== 202) break;
        there.push({ id: answer.body.messageID, payload });
        expect(there.length).toBeLessThan(6);
      }
      expect(there.length).toBeGreaterThan(0);
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
      expect(answer.body).toEqual({
        errorEvent: 'SEND',
        errorCode: 'InsufficientStorage',
        errorDescription: expect.stringMatching(/no room/i),
      });
      const v2 = await post(randomBytes(700_000), { accept: 'application/vnd.mesh.v2+json' });
      expect(v2.body.detail[0]).toMatchObject({ event: 'SEND', code: 'InsufficientStorage' });
    });

    test('nothing is kept of what was refused', async () => {
      expect(incoming()).toEqual([]);
      const before = statfsSync(disk).bfree;
      expect((await post(randomBytes(2_000_000))).status).toBe(503);
      expect(statfsSync(disk).bfree).toBe(before);
      expect((await recipient('/inbox')).body.messages).toEqual(there.map((one) => one.id));
    });

    test('a chunk that has no room is refused alike, and its message goes on uploading', async () => {
      const first = await post(Buffer.from('begin'), { 'mex-chunk-range': '1:2' });
      expect(first.status).toBe(202);
      const id = first.body.messageID;
      const second = await post(randomBytes(900_000), { 'mex-chunk-range': '2:2' }, `/outbox/${id}/2`);
      expect(second.status).toBe(503);
      expect((await sender(`/outbox/tracking?messageID=${id}`)).body.status).toBe('Uploading');
      expect((await post(Buffer.from('end'), { 'mex-chunk-range': '2:2' }, `/outbox/${id}/2`)).status).toBe(202);
      expect((await recipient(`/inbox/${id}/status/acknowledged`, { method: 'PUT' })).status).toBe(200);
    });

    test('what is there is read, listed and acknowledged, and small messages still come in', async () => {
      for (const { id, payload } of there) expect((await recipient(`/inbox/${id}`)).bytes.equals(payload)).toBe(true);
      expect((await post(randomBytes(2000))).status).toBe(202);
      const [one] = there;
      expect((await recipient(`/inbox/${one?.id}/status/acknowledged`, { method: 'PUT' })).status).toBe(200);
    });

    test('once there is room again, large messages come in again', async () => {
      await fetch(`${spine.url}/admin/reset`, { method: 'DELETE' });
      const payload = randomBytes(700_000);
      const { status, body } = await post(payload);
      expect(status).toBe(202);
      expect((await recipient(`/inbox/${body.messageID}`)).bytes.equals(payload)).toBe(true);
    });
  });
}

describe('MESH with a full database', async () => {
  const spine = await startSpine({ OPENSPINE_LOG_LEVEL: 'silent' });
  const db = new Database({ url: spine.databaseUrl, lanes: 1, transactions: 1 });
  afterAll(() => db.close());
  const [sender, recipient] = [meshClient(spine.url, 'X26ABC1'), meshClient(spine.url, 'X26ABC2')];
  const headers = { 'mex-to': 'X26ABC2', 'mex-workflowid': 'W' };
  const post = (body: Buffer) => sender('/outbox', { method: 'POST', headers, body });
  const files = () =>
    readdirSync(join(spine.dataDirectory, 'mesh'), { recursive: true, withFileTypes: true }).filter((one) =>
      one.isFile(),
    );

  test('what cannot be written is refused until there is room, nothing of it is kept, and what is there is read', async () => {
    const before = await post(Buffer.from('before'));
    expect(before.status).toBe(202);
    // PostgreSQL's own error for a disk without room
    await db.script(`
      create function mesh.no_room() returns trigger language plpgsql as $$
        begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$;
      create trigger no_room before insert on mesh.message for each row execute function mesh.no_room();`);
    for (const payload of [randomBytes(2000), randomBytes(200_000)]) {
      const refused = await post(payload);
      expect(refused.status).toBe(503);
      expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    }
    expect(files()).toEqual([]);
    expect((await recipient('/inbox')).body.messages).toEqual([before.body.messageID]);
    expect((await recipient(`/inbox/${before.body.messageID}`)).bytes.toString()).toBe('before');
    await db.script('drop trigger no_room on mesh.message');
    const after = await post(randomBytes(200_000));
    expect(after.status).toBe(202);
    expect((await recipient('/inbox')).body.messages).toEqual([before.body.messageID, after.body.messageID]);
  });
});
