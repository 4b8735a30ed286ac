import { expect, test } from 'vitest';
import { ConfigError, readConfig } from './config.ts';

test('the card port is off unless a port is given', () => {
  expect(readConfig({}).cardPort).toBeUndefined();
  expect(readConfig({ OPENSPINE_CARD_PORT: 'off' }).cardPort).toBeUndefined();
  expect(readConfig({ OPENSPINE_CARD_PORT: '8601' }).cardPort).toBe(8601);
  expect(() => readConfig({ OPENSPINE_CARD_PORT: 'on' })).toThrow(ConfigError);
});

test('log-on by phone is anywhere, on the same network, or off', () => {
  expect(readConfig({}).phoneLogOn).toBe('anywhere');
  expect(readConfig({ OPENSPINE_PHONE_LOG_ON: 'same-network' }).phoneLogOn).toBe('same-network');
  expect(() => readConfig({ OPENSPINE_PHONE_LOG_ON: 'yes' })).toThrow(ConfigError);
});
