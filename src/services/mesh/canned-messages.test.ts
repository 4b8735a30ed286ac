import { expect, test } from 'vitest';
import { meshClient } from '../../../test/support/mesh.ts';
import { startSpine } from '../../../test/support/spine.ts';

const spine = await startSpine();
const [one, two] = [meshClient(spine.url, 'X26ABC1'), meshClient(spine.url, 'X26ABC2')];

test('the prepared messages of the published sandbox are there when they are asked for, once', async () => {
  expect((await one('/inbox')).body.messages).toEqual([]);
  for (let time = 0; time < 2; time++)
    expect((await spine.control('load', { mesh: { cannedMessages: true } })).mesh).toMatchObject({ cannedMessages: 3 });
  expect((await one('/inbox')).body.messages).toEqual(['SIMPLE_MESSAGE']);
  expect((await two('/inbox')).body.messages).toEqual(['CHUNKED_MESSAGE_GZ']);
  const plain = await one('/inbox/SIMPLE_MESSAGE');
  expect(plain.status).toBe(200);
  expect((await one('/inbox/UNDELIVERED_MESSAGE')).status).toBe(410);
  const chunks = await Promise.all([1, 2].map((n) => two(`/inbox/CHUNKED_MESSAGE_GZ/${n}`)));
  expect(chunks.map((chunk) => chunk.status)).toEqual([206, 200]);
  expect(Buffer.concat(chunks.map((chunk) => chunk.bytes)).equals(plain.bytes)).toBe(true);
});
