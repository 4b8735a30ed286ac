/** One segment: its tag and its data elements, each a list of components, release characters resolved. */
export type Segment = { readonly tag: string; readonly elements: readonly (readonly string[])[] };

/**
 * What is wrong with an interchange: the rule it broke and a text that names segments, counts and references, never
 * anything of a patient.
 */
export type Fault = { readonly rule: string; readonly text: string };

/** Thrown where reading cannot go on. */
export class EdifactFault extends Error {
  readonly fault: Fault;

  constructor(rule: string, text: string) {
    super(text);
    this.fault = { rule, text };
  }
}

/** The service characters, as UNA gives them: component, element, release, terminator. */
export type Separators = {
  readonly component: string;
  readonly element: string;
  readonly release: string;
  readonly terminator: string;
};

/** What holds where an interchange has no UNA (ISO 9735). */
export const usualSeparators: Separators = { component: ':', element: '+', release: '?', terminator: "'" };

/** A segment longer than this many characters is none of ours; memory stays bounded whatever is sent. */
const longestSegment = 32_768;
const mostElements = 500;

/**
 * Reads segments from bytes as they come, cut anywhere. Characters are ISO 8859-1 (UNOC), of which UNOA and UNOB are
 * part. Between segments, line ends and blanks are passed over. Throws `EdifactFault`.
 */
export class SegmentReader {
  #separators = usualSeparators;
  #head: string | undefined = '';
  #text = '';
  #components: string[] = [];
  #elements: string[][] = [];
  #isReleased = false;
  #isBetween = true;
  #length = 0;

  /** The segments that these bytes complete. */
  push(bytes: Uint8Array): Segment[] {
    let text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    if (this.#head !== undefined) {
      text = this.#head + text;
      if (text.length < 9 && 'UNA'.startsWith(text.slice(0, 3))) {
        this.#head = text;
        return [];
      }
      this.#head = undefined;
      text = this.#readAdvice(text);
    }
    return this.#read(text);
  }

  /** The end of the bytes: what is left must be nothing. */
  end(): Segment[] {
    const left = this.#head === undefined ? [] : this.#read(this.#head);
    this.#head = undefined;
    if (!this.#isBetween) throw new EdifactFault('unterminated', 'the last segment has no end');
    return left;
  }

  #readAdvice(text: string): string {
    if (!text.startsWith('UNA')) return text;
    // laboratories are known that leave out the reserved blank: then the ninth character is a tag's first already
    const length = /[A-Z]/.test(text[8] as string) ? 8 : 9;
    const [component, element, , release] = [...text.slice(3, 7)] as [string, string, string, string];
    const terminator = text[length - 1] as string;
    const given = [component, element, release, terminator];
    // a blank release character says that there is none
    const distinct = new Set(given);
    if (distinct.size !== 4 || given.some((one) => /[A-Za-z0-9]/.test(one)))
      throw new EdifactFault('UNA', 'UNA does not name four different service characters');
    this.#separators = { component, element, release, terminator };
    return text.slice(length);
  }

  #read(text: string): Segment[] {
    const { component, element, release, terminator } = this.#separators;
    const hasRelease = release !== ' ';
    const done: Segment[] = [];
    for (const character of text) {
      if (this.#isBetween) {
        if (character <= ' ') continue;
        this.#isBetween = false;
      }
      if (character === '\u0000')
        throw new EdifactFault('character', 'a segment holds a character that cannot be kept');
      if (++this.#length > longestSegment)
        throw new EdifactFault('segment-length', `a segment is longer than ${longestSegment} characters`);
      if (this.#isReleased) {
        this.#text += character;
        this.#isReleased = false;
      } else if (character === release && hasRelease) this.#isReleased = true;
      else if (character === component) this.#endComponent();
      else if (character === element) this.#endElement();
      else if (character === terminator) done.push(this.#endSegment());
      else this.#text += character;
    }
    return done;
  }

  #endComponent(): void {
    this.#components.push(this.#text);
    this.#text = '';
  }

  #endElement(): void {
    this.#endComponent();
    this.#elements.push(this.#components);
    this.#components = [];
    if (this.#elements.length > mostElements)
      throw new EdifactFault('segment-length', `a segment has more than ${mostElements} elements`);
  }

  #endSegment(): Segment {
    this.#endElement();
    const [[tag] = [''], ...elements] = this.#elements;
    this.#elements = [];
    this.#isBetween = true;
    this.#length = 0;
    if (!/^[A-Z][A-Z0-9]{2}$/.test(tag as string))
      throw new EdifactFault('segment-tag', 'a segment does not begin with a tag of three letters or digits');
    return { tag: tag as string, elements };
  }
}

/** All segments of a whole interchange. */
export function segmentsOf(bytes: Uint8Array): Segment[] {
  const reader = new SegmentReader();
  return [...reader.push(bytes), ...reader.end()];
}

/** The component of an element; empty where there is none. */
export function part(segment: Segment, element: number, component = 0): string {
  return segment.elements[element]?.[component] ?? '';
}

/** One segment as text, with its end; empty elements and components at the end are left out. */
export function writeSegment({ tag, elements }: Segment, by: Separators = usualSeparators): string {
  const special = new Set([by.component, by.element, by.release, by.terminator]);
  const escaped = (text: string) => [...text].map((one) => (special.has(one) ? `${by.release}${one}` : one)).join('');
  const written = trimmed(elements.map((components) => trimmed(components.map(escaped)).join(by.component)));
  return [tag, ...written].join(by.element) + by.terminator;
}

function trimmed(parts: readonly string[]): readonly string[] {
  let end = parts.length;
  while (end > 0 && parts[end - 1] === '') end--;
  return parts.slice(0, end);
}
