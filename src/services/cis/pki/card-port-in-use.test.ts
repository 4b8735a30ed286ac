import { createServer } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { startSpine } from '../../../../test/support/spine.ts';

const other = createServer();
await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
const port = (other.address() as { port: number }).port;
afterAll(() => void other.close());
const taken = await startSpine({ OPENSPINE_CARD_PORT: String(port), OPENSPINE_LOG_LEVEL: 'silent' });
const open = await startSpine({ OPENSPINE_CARD_PORT: '0' });

const pageOf = async (url: string): Promise<string> => {
  const base = url.replace('127.0.0.1', 'localhost');
  let [address, cookies] = [`${base}/cis2/account`, ''];
  for (let hop = 0; hop < 5; hop++) {
    const answer = await fetch(address, { redirect: 'manual', headers: { cookie: cookies } });
    cookies = [...answer.headers.getSetCookie().map((one) => one.split(';')[0]), cookies].join('; ');
    const next = answer.headers.get('location');
    if (next === null) return await answer.text();
    address = new URL(next, base).href;
  }
  throw new Error('There are too many redirects.');
};

test('a sandbox whose card port is in use starts all the same, and offers no smartcards', async () => {
  expect(taken.spine.cardPort()).toBeUndefined();
  expect(await pageOf(taken.url)).not.toContain('Log on with a smartcard');
});

test('with the port open they are offered', async () => {
  expect(open.spine.cardPort()).toBeGreaterThan(0);
  expect(await pageOf(open.url)).toContain('Log on with a smartcard');
});
