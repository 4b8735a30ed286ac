import { Agent, get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { fastify } from 'fastify';
import { expect, test } from 'vitest';
import { closeOf, listenOn } from './listening.ts';

test('closing answers what is under way, and then waits for no connection that is kept alive', async () => {
  const app = fastify({ keepAliveTimeout: 600_000 });
  let isAsked = false;
  app.get('/', async () => {
    isAsked = true;
    await pause(100);
    return 'answered';
  });
  const port = await listenOn(app, { port: 0, host: '127.0.0.1' });
  const agent = new Agent({ keepAlive: true });
  const answer = new Promise<string>((resolve, reject) => {
    get({ host: '127.0.0.1', port, agent }, (response) => {
      response.setEncoding('utf8').once('data', resolve);
    }).once('error', reject);
  });
  while (!isAsked) await pause(5);
  await closeOf(app);
  expect(await answer).toBe('answered');
  agent.destroy();
});
