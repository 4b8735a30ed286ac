import { personAt } from '../src/population/person.ts';
import { Connection } from './http-client.ts';
import { ask, headOf, sendHead } from './mesh-traffic.ts';

/** The mailbox whose files are traced, and under which workflow. */
const [traceMailbox, traceWorkflow] = ['X26PDSMESH', 'SPINE_PDS_MESH_V1'] as const;

/** Who asks, for how many rows, about how many people of which nation. */
export type TracePlan = {
  readonly from: string;
  readonly rows: number;
  readonly patients: number;
  readonly seed: number;
};

type Address = { readonly host: string; readonly port: number };

/** What a row must be answered with, where that is certain. */
type Row = { readonly line: string; readonly number: string | undefined };

/**
 * Sends one file of so many rows about people of the nation: of ten rows seven by number and birth date, two by name,
 * gender and birth date, one of nobody. Its bytes.
 */
export async function sendTraceFile({ host, port }: Address, plan: TracePlan): Promise<number> {
  const connection = new Connection(host, port);
  const file = Buffer.from(
    `UNIQUE REFERENCE,NHS_NO,FAMILY_NAME,GIVEN_NAME,GENDER,DATE_OF_BIRTH\r\n${linesOf(plan).join('')}`,
  );
  const head = sendHead(plan.from, traceMailbox, file.length, { workflow: traceWorkflow });
  const { status, body } = await ask(connection, Buffer.concat([Buffer.from(head), file]));
  if (status !== 202) throw new Error(`sending the file: ${status} ${body}`);
  connection.close();
  return file.length;
}

/** Waits for the answer; its message id. */
export async function answerArrived({ host, port }: Address, mailboxId: string): Promise<string> {
  const connection = new Connection(host, port);
  for (;;) {
    const { status, body } = await ask(connection, headOf('GET', mailboxId, '/inbox'));
    if (status !== 200) throw new Error(`listing: ${status}`);
    const [id] = (JSON.parse(body.toString()) as { messages: string[] }).messages;
    if (id !== undefined) {
      connection.close();
      return id;
    }
    await new Promise((done) => setTimeout(done, 50));
  }
}

type AnswerFacts = {
  readonly bytes: number;
  readonly chunks: number;
  /** How many rows had each ERROR/SUCCESS_CODE. */
  readonly codes: Readonly<Record<string, number>>;
};

/** Downloads the answer and compares: a line for each row, in order, with the right number. Throws where it is not so. */
export async function compareAnswer({ host, port }: Address, plan: TracePlan, id: string): Promise<AnswerFacts> {
  const connection = new Connection(host, port);
  const comparison = new Comparison(plan);
  for (let [chunks, bytes] = [1, 0]; ; chunks++) {
    const { status, body } = await ask(connection, headOf('GET', plan.from, `/inbox/${id}/${chunks}`));
    if (status !== 200 && status !== 206) throw new Error(`chunk ${chunks} of the answer: ${status} ${body}`);
    bytes += body.length;
    comparison.take(body);
    if (status === 206) continue;
    connection.close();
    return { bytes, chunks, codes: comparison.end() };
  }
}

function linesOf(plan: TracePlan): string[] {
  return Array.from({ length: plan.rows }, (_, row) => rowOf(plan, row).line);
}

/** The same whenever it is asked. */
function rowOf({ patients, seed }: TracePlan, row: number): Row {
  const reference = `ROW${row}`;
  // rows that follow each other are people who don't live together
  const { nhsNumber, state, security, patient } = personAt(seed, (row * 7919) % patients);
  const born = (patient.birthDate as string | undefined)?.replaceAll('-', '') ?? '';
  const kind = row % 10;
  if (kind === 9) return { line: `${reference},${nhsNumber},,,,18500101\r\n`, number: '0000000000' };
  const isPlain = state === 'active' && security === 'U' && born.length === 8;
  if (kind < 7) return { line: `${reference},${nhsNumber},,,,${born}\r\n`, number: isPlain ? nhsNumber : undefined };
  const [name] = patient.name ?? [];
  const gender = { male: '1', female: '2' }[patient.gender as string] ?? '0';
  const line = [reference, '', name?.family, name?.given?.[0], gender, born]
    .map((field) => `"${field ?? ''}"`)
    .join(',');
  // others may have the same name and birth date
  return { line: `${line}\r\n`, number: undefined };
}

/** Compares an answer as it comes, cut anywhere. */
class Comparison {
  readonly #plan: TracePlan;
  readonly #codes: Record<string, number> = {};
  #rest = '';
  #columns: string[] = [];
  #row = 0;

  constructor(plan: TracePlan) {
    this.#plan = plan;
  }

  take(bytes: Buffer): void {
    // characters of several bytes may be cut; the columns that are looked at have none
    const lines = (this.#rest + bytes.toString('latin1')).split('\r\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#compare(fieldsOf(line));
  }

  #compare(fields: readonly string[]): void {
    if (this.#columns.length === 0) {
      this.#columns = [...fields];
      return;
    }
    const of = (column: string) => fields[this.#columns.indexOf(column)] ?? '';
    const { number } = rowOf(this.#plan, this.#row);
    const [reference, matched] = [of('UNIQUE REFERENCE'), of('MATCHED_NHS_NO')];
    if (reference !== `ROW${this.#row}` || (number !== undefined && matched !== number))
      throw new Error(`row ${this.#row} was answered with ${reference}, ${matched}; not ${number}`);
    const code = of('ERROR/SUCCESS_CODE');
    this.#codes[code] = (this.#codes[code] ?? 0) + 1;
    this.#row++;
  }

  end(): Record<string, number> {
    if (this.#rest !== '' || this.#row !== this.#plan.rows) throw new Error(`${this.#row} rows were answered`);
    return this.#codes;
  }
}

/** Fields of a line of CSV without line ends in fields. */
const fieldsOf = (line: string): string[] =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
