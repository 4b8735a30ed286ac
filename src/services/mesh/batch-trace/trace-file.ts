import type { Traced, TraceRequest } from '../../pds/index.ts';
import { type RequestRecord, readHeader, responseColumns } from './columns.ts';
import { CsvFault, CsvReader, writeCsvRecord } from './csv.ts';
import { answerOf, requestOf, type TraceCode } from './trace-record.ts';

/** One record traced, for the audit: whose it was found to be. */
export type Found = { readonly nhsNumber: string };

export type TraceFileParts = {
  readonly traceOne: (request: TraceRequest) => Promise<Traced>;
  /** Called with those found in a batch, before their lines are given out: an answer leaves only when it is recorded. */
  readonly record: (found: readonly Found[]) => Promise<void>;
};

/** A file that cannot be answered line by line: says why, naming the line and nothing that stands in it. */
export class UnreadableFile extends Error {}

/** More records make an answer take so long that its parts, not yet a message's, would be taken for left over. */
const mostRecords = 5_000_000;

/** Records traced side by side; what is in memory is this much of the file, whatever its length. */
const atOnce = 200;

/**
 * Answers a request file as it is read: header row, then one line for each record in the order of the request. At least
 * one record must be there, and no more than `most`. Throws `UnreadableFile`.
 */
export async function* traceFile(
  parts: TraceFileParts,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  most: number = mostRecords,
): AsyncGenerator<string, void, undefined> {
  const answers = new Answers(parts, most);
  const csv = new CsvReader();
  try {
    for await (const piece of pieces) for (const fields of csv.push(piece)) yield* answers.take(fields);
    for (const fields of csv.end()) yield* answers.take(fields);
  } catch (error) {
    if (error instanceof CsvFault) throw new UnreadableFile(`line ${error.line}: ${error.message}`);
    throw error;
  }
  yield* answers.end();
}

class Answers {
  readonly #parts: TraceFileParts;
  readonly #most: number;
  #toRecord: ((fields: readonly string[]) => RequestRecord) | undefined;
  #waiting: RequestRecord[] = [];
  #count = 0;

  constructor(parts: TraceFileParts, most: number) {
    this.#parts = parts;
    this.#most = most;
  }

  async *take(fields: readonly string[]): AsyncGenerator<string> {
    if (!this.#toRecord) {
      const read = readHeader(fields);
      if (typeof read === 'string') throw new UnreadableFile(read);
      this.#toRecord = read;
      yield writeCsvRecord(responseColumns);
      return;
    }
    if (++this.#count > this.#most) throw new UnreadableFile(`there are more than ${this.#most} records`);
    this.#waiting.push(this.#toRecord(fields));
    if (this.#waiting.length >= atOnce) yield await this.#answer();
  }

  async *end(): AsyncGenerator<string> {
    if (this.#count === 0) throw new UnreadableFile('there is no record');
    if (this.#waiting.length > 0) yield await this.#answer();
  }

  async #answer(): Promise<string> {
    const records = this.#waiting;
    this.#waiting = [];
    const traced = await Promise.all(records.map((record) => this.#trace(record)));
    await this.#parts.record(
      traced.flatMap((one) =>
        typeof one !== 'string' && one.outcome === 'found' ? [{ nhsNumber: one.patient.nhsNumber }] : [],
      ),
    );
    return records
      .map((record, index) => writeCsvRecord(answerOf(record, traced[index] as Traced | TraceCode)))
      .join('');
  }

  #trace(record: RequestRecord): Promise<Traced> | TraceCode {
    const request = requestOf(record);
    return typeof request === 'string' ? request : this.#parts.traceOne(request);
  }
}
