/** A control file (`DTSControl`, version 1.0): what is said of the `.dat` beside it. Elements by name, in their order. */
export type ControlFile = {
  readonly fields: Readonly<Record<string, string>>;
  /** What became of the transfer; present after it. */
  readonly status?: Readonly<Record<string, string>> | undefined;
};

/** The text is no control file; the message says why. */
export class ControlFileError extends Error {}

const mostCharacters = 100_000;
const element = /<([A-Za-z_][\w.-]*)\s*(?:\/>|>([^<]*)<\/\1\s*>)/y;

/**
 * Reads a control file. Known is only what the format needs: elements with text, one StatusRecord; comments and
 * instructions are passed over. Throws ControlFileError for anything else, a DOCTYPE among it.
 */
export function readControlFile(text: string): ControlFile {
  if (text.length > mostCharacters) throw new ControlFileError('it is larger than a control file can be');
  const plain = text.replace(/^\ufeff/, '').replace(/<!--[\s\S]*?-->|<\?[\s\S]*?\?>/g, '');
  const [, inside] = /^\s*<DTSControl\s*>([\s\S]*)<\/DTSControl\s*>\s*$/.exec(plain) ?? [];
  if (inside === undefined) throw new ControlFileError('it is not one DTSControl element');
  const record = /<StatusRecord\s*>([\s\S]*?)<\/StatusRecord\s*>/.exec(inside);
  const fields = elementsIn(record ? inside.replace(record[0], '') : inside);
  return record ? { fields, status: elementsIn(record[1] ?? '') } : { fields };
}

function elementsIn(text: string): Record<string, string> {
  const found = new Map<string, string>();
  const gap = /\s*/y;
  for (let at = 0; ; ) {
    gap.lastIndex = at;
    at += gap.exec(text)?.[0].length ?? 0;
    if (at === text.length) return Object.fromEntries(found);
    element.lastIndex = at;
    const match = element.exec(text);
    if (!match) throw new ControlFileError(`it cannot be read at "${text.slice(at, at + 20).trim()}"`);
    const [whole, name = '', value = ''] = match;
    if (found.has(name)) throw new ControlFileError(`${name} stands there twice`);
    found.set(name, unescaped(value));
    at += whole.length;
  }
}

const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replace(/&([^;&]{0,10}(?:;|$)|)/g, (_, reference: string) => {
    const name = reference.replace(/;$/, '');
    const [, hex, decimal] = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}))$/.exec(name) ?? [];
    const code = hex ? Number.parseInt(hex, 16) : decimal ? Number(decimal) : undefined;
    const value = code === undefined ? named[name] : code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
    if (value === undefined || !reference.endsWith(';')) throw new ControlFileError('it holds an unknown reference');
    return value;
  });
}

/** Writes a control file; empty elements as such, what XML cannot hold left out. */
export function writeControlFile({ fields, status }: ControlFile): string {
  const lines = Object.entries(fields).map(([name, value]) => elementOf(name, value));
  if (status)
    lines.push(
      '<StatusRecord>',
      ...Object.entries(status).map(([name, value]) => elementOf(name, value)),
      '</StatusRecord>',
    );
  return `<DTSControl>\n${lines.join('\n')}\n</DTSControl>\n`;
}

const elementOf = (name: string, value: string): string =>
  value === '' ? `<${name}/>` : `<${name}>${escaped(value)}</${name}>`;

const forbidden = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' };
const escaped = (value: string): string =>
  value.replace(forbidden, '').replace(/[&<>\r]/g, (character) => escapes[character] ?? '');
