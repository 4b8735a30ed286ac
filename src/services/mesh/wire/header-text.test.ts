import { validateHeaderValue } from 'node:http';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { headerText, keptForms, readable, readHeaderText } from './header-text.ts';

test('whatever bytes a header came as, it goes out as them', () => {
  const bytes = fc.uint8Array({ maxLength: 30 }).map((all) => Buffer.from(all).toString('latin1'));
  const utf8 = fc
    .string({ unit: fc.constantFrom('a', ' b', 'é', '€', '\uef80', '\uefff', '\uef7f', '💩') })
    .map((text) => Buffer.from(text, 'utf8').toString('latin1'));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: no header has them
  const said = fc.oneof(bytes, utf8).map((text) => text.replaceAll(/[\x00-\x1f\x7f]/g, ''));
  // what was between control characters may be at the edge now
  const sayable = said.map((text) => text.replaceAll(/^ +| +$/g, ''));
  fc.assert(
    fc.property(sayable, (text) => {
      expect(headerText(readHeaderText(text))).toBe(text);
    }),
  );
});

test('any text there is can be the value of a header', () => {
  const text = fc.string({
    unit: fc.oneof(fc.constantFrom('€', '\uef80', '\uefff', 'é'), fc.string({ unit: 'binary' })),
  });
  fc.assert(fc.property(text, (any) => validateHeaderValue('mex-subject', headerText(any))));
});

test('a text in UTF-8 is read by people as it was written, and looked for so', () => {
  const written = fc.string({ unit: fc.constantFrom('a', 'é', '€', '\uef80', '\uefff', '\uef7f', '💩') });
  fc.assert(
    fc.property(written, (text) => {
      const kept = readHeaderText(Buffer.from(text, 'utf8').toString('latin1'));
      expect(readable(kept)).toBe(text);
      expect(keptForms(text)).toContain(kept);
    }),
  );
});
