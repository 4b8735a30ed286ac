import { isUtf8 } from 'node:buffer';
import type { Message } from '../messages/message.ts';

/**
 * Clients write UTF-8 or Latin-1 into headers, and expect their bytes back. Bytes 0x80 to 0xFF of what is not UTF-8 are kept as
 * U+EF80 to U+EFFF (private use), so that they go out as they came in.
 */
const kept = /[\uef80-\uefff]/g;
const keptBase = 0xef00;

/** The text of a header's value, blanks around it left out; Node gives its bytes as Latin-1. */
export function readHeaderText(value: string): string {
  const bare = value.replaceAll(/^[ \t]+|[ \t]+$/g, '');
  if (/^[ -~]*$/.test(bare)) return bare;
  const bytes = Buffer.from(bare, 'latin1');
  const text = bytes.toString('utf8');
  return isUtf8(bytes) && bytesOf(text) === text ? text : asLatin1(bare);
}

/** How a text may be kept, by how its client wrote it: as UTF-8, and as Latin-1 where it can be. */
export function keptForms(text: string): string[] {
  if (/^[ -~]*$/.test(text)) return [text];
  const fromUtf8 = readHeaderText(Buffer.from(text, 'utf8').toString('latin1'));
  return isLatin1(text) ? [fromUtf8, asLatin1(text)] : [fromUtf8];
}

const isLatin1 = (text: string) => !/[^\0-\xff]/.test(text);

/** A text as it is kept when it came as Latin-1. */
function asLatin1(text: string): string {
  return text.replaceAll(/[\x80-\xff]/g, (one) => String.fromCharCode(keptBase + one.charCodeAt(0)));
}

/** A text that came in a header, as people read it. */
export function readable(text: string): string {
  const latin1 = bytesOf(text);
  if (latin1 === text || !isLatin1(latin1)) return latin1;
  // UTF-8 that was kept as bytes, since it has characters of those that we keep bytes in
  const bytes = Buffer.from(latin1, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : latin1;
}

/** A text with the bytes that were kept in it, each as a character of Latin-1. */
function bytesOf(text: string): string {
  return text.replaceAll(kept, (one) => String.fromCharCode(one.charCodeAt(0) - keptBase));
}

/** What its sender wrote about a message, as people read it. */
export function readableTexts({ localId, partnerId, fileName, subject }: Message) {
  return {
    localId: readable(localId),
    partnerId: readable(partnerId),
    fileName: readable(fileName),
    subject: readable(subject),
  };
}

/** A text as the value of a header: the bytes it came as; blanks for what no header can hold. */
export function headerText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
  const value = text.replaceAll(/[\u0000-\u001f\u007f]/g, ' ');
  const bytes = bytesOf(value);
  // what came in no header may have such characters too, and others beside them
  const isKept = bytes !== value && isLatin1(bytes);
  return isKept ? bytes : Buffer.from(value, 'utf8').toString('latin1');
}
