import { expect, test } from 'vitest';
import { newIdentity, registrationAuthority, soon, staff } from '../../../../../test/support/registration.ts';
import { startSpine } from '../../../../../test/support/spine.ts';

const spine = await startSpine();
const { ask, must, tokenOf } = await registrationAuthority(spine);
const because = { reason: 'asked for in a test' };

test('a reset brings the demo staff back as they were, in live sessions too', async () => {
  const { userId } = await must(staff.agent, '/identities', newIdentity('Ephemeral'));
  await must(staff.manager, `/identities/${staff.gp}/close`, because);
  await spine.control('reset');
  const token = await tokenOf(staff.gp);
  const gp = async () => (await ask(staff.gp, `/identities/${staff.gp}`, { token })).status;
  await expect.poll(gp, soon).toBe(200);
  expect((await ask(staff.manager, `/identities/${userId}`)).status).toBe(404);
});

test('a reset to nobody leaves nobody who may do anything', async () => {
  const agent = async () => (await ask(staff.agent, '/identities', { body: newIdentity('Afterwards') })).status;
  await spine.control('reset', { population: 'none' });
  await expect.poll(agent, soon).toBe(401);
});
