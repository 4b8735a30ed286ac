/** Thrown where a file is no CSV that can be read on; the line is counted from 1. */
export class CsvFault extends Error {
  readonly line: number;

  constructor(line: number, text: string) {
    super(text);
    this.line = line;
  }
}

const longestField = 2_000;
const mostFields = 200;

/**
 * Reads CSV (RFC 4180) as it comes, cut anywhere: fields in double quotes may hold commas, line ends and doubled quotes;
 * lines end in CRLF or LF; a byte order mark and empty lines are passed over. UTF-8. Throws `CsvFault`.
 */
export class CsvReader {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  #field = '';
  #record: string[] = [];
  #state: 'start' | 'plain' | 'quoted' | 'quote' | 'return' = 'start';
  #line = 1;

  /** The records that these bytes complete. */
  push(bytes: Uint8Array): string[][] {
    return this.#read(this.#decode(bytes, true));
  }

  /** The end of the bytes: a last record without line end counts. */
  end(): string[][] {
    const done = this.#read(this.#decode(new Uint8Array(), false));
    if (this.#state === 'quoted') throw new CsvFault(this.#line, 'a quoted field has no end');
    if (this.#record.length > 0 || this.#field !== '' || this.#state === 'quote') this.#endRecord(done);
    return done;
  }

  #decode(bytes: Uint8Array, stream: boolean): string {
    try {
      return this.#decoder.decode(bytes, { stream });
    } catch {
      throw new CsvFault(this.#line, 'the file is not UTF-8');
    }
  }

  #read(text: string): string[][] {
    const done: string[][] = [];
    for (const one of text) {
      if (this.#state === 'quoted') {
        if (one === '"') this.#state = 'quote';
        else this.#add(one);
      } else if (one === ',') this.#endField();
      else if (one === '\n') this.#endRecord(done);
      else if (one === '\r') this.#return();
      else if (one === '"') this.#quote();
      else if (this.#state === 'quote' || this.#state === 'return')
        throw new CsvFault(this.#line, 'text follows where a field has ended');
      else {
        this.#state = 'plain';
        this.#add(one);
      }
      if (one === '\n') this.#line++;
    }
    return done;
  }

  #return(): void {
    if (this.#state === 'return') throw new CsvFault(this.#line, 'a line has two ends');
    this.#state = 'return';
  }

  #quote(): void {
    if (this.#state === 'quote') {
      this.#add('"');
      this.#state = 'quoted';
    } else if (this.#state === 'start') this.#state = 'quoted';
    else throw new CsvFault(this.#line, 'a quote stands inside a field that has none');
  }

  #add(one: string): void {
    if (this.#field.length >= longestField)
      throw new CsvFault(this.#line, `a field is longer than ${longestField} characters`);
    this.#field += one;
  }

  #endField(): void {
    if (this.#state === 'return') throw new CsvFault(this.#line, 'text follows where a line has ended');
    this.#record.push(this.#field);
    this.#field = '';
    this.#state = 'start';
    if (this.#record.length > mostFields) throw new CsvFault(this.#line, `a record has more than ${mostFields} fields`);
  }

  #endRecord(done: string[][]): void {
    if (this.#state === 'return') this.#state = 'plain';
    this.#endField();
    if (this.#record.length > 1 || this.#record[0] !== '') done.push(this.#record);
    this.#record = [];
  }
}

/**
 * One record as a line with CRLF; quoted only where it must be. A field that a spreadsheet would take for a formula is
 * quoted and otherwise left as it is: a name must not be changed on its way.
 */
export function writeCsvRecord(fields: readonly string[]): string {
  // one empty field alone would be an empty line, which is no record
  if (fields.length === 1 && fields[0] === '') return '""\r\n';
  return `${fields.map((one) => (/[",\r\n]|^[=+\-@\t]|^\s|\s$/.test(one) ? `"${one.replaceAll('"', '""')}"` : one)).join(',')}\r\n`;
}
