import { expect, test } from 'vitest';
import { settings } from '../../src/platform/config/config.ts';
import { readPage } from './markdown.ts';

const table = [
  '| Variable | Means | By default |',
  '|---|---|---|',
  ...settings.map(
    ({ name, means, fallback, isSecret }) =>
      `| \`${name}\` | ${means}${isSecret ? ' (secret)' : ''} | ${fallback === '' ? 'not set' : fallback} |`,
  ),
].join('\n');

test('the page of settings has the table that the program gives; put this one in when it does not', () => {
  const [, made] = readPage('docs/operate/settings.md').split('<!-- made from src/platform/config/config.ts -->\n\n');
  expect(made).toBe(`${table}\n`);
});
