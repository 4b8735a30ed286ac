import { EdifactFault, type Fault, part, type Segment } from './edifact.ts';
import { ReportSummarizer, type ReportSummary } from './report-summary.ts';

/** One party of an interchange: its address and the list that is from (UNB 0004/0010 with qualifier). */
export type EdiParty = { readonly id: string; readonly qualifier: string };

/** What UNB says. */
export type Envelope = {
  readonly sender: EdiParty;
  readonly recipient: EdiParty;
  /** `yymmdd:hhmm` as written. */
  readonly preparedAt: string;
  readonly controlReference: string;
  readonly applicationReference: string;
  readonly isAcknowledgmentAsked: boolean;
  readonly isTest: boolean;
};

export type MessageSummary = {
  /** UNH's reference, unique in the interchange. */
  readonly reference: string;
  /** `MEDRPT`, `NHSRSR`, `NHSACK`. */
  readonly type: string;
  /** NHS's own version: `NHS001` to `NHS004`. */
  readonly association: string;
  readonly report: ReportSummary;
};

export type Interchange = Envelope & {
  readonly messages: readonly MessageSummary[];
  /** What is not as it should be, but no reason to hold a result back. */
  readonly doubts: readonly Fault[];
};

/** What a file may hold; more is not looked at, so that memory stays bounded. */
const mostMessages = 5_000;
const mostDoubts = 20;

type Open = { reference: string; type: string; association: string; segments: number; summarizer: ReportSummarizer };

/**
 * Checks one interchange segment by segment (ISO 9735 version 3): UNB first, UNZ last and nothing after it, its count
 * and both control references right, each message between a UNH and a UNT of the same, unique reference. A wrong
 * segment count in UNT is only a doubt: published examples of working laboratories have it wrong, and a complete result
 * must not be held back for it. Throws `EdifactFault`.
 */
export class InterchangeReader {
  #envelope: Envelope | undefined;
  #open: Open | undefined;
  #isEnded = false;
  readonly #messages: MessageSummary[] = [];
  readonly #references = new Set<string>();
  readonly #doubts: Fault[] = [];

  take(segment: Segment): void {
    if (this.#isEnded) throw new EdifactFault('after-UNZ', 'something follows UNZ');
    if (!this.#envelope) {
      this.#envelope = readEnvelope(segment);
      return;
    }
    if (segment.tag === 'UNB') throw new EdifactFault('UNB', 'a second UNB before UNZ');
    if (segment.tag === 'UNG' || segment.tag === 'UNE')
      throw new EdifactFault('UNG', 'functional groups are not part of this exchange');
    if (this.#open) this.#within(this.#open, segment);
    else if (segment.tag === 'UNH') this.#begin(segment);
    else if (segment.tag === 'UNZ') this.#end(this.#envelope, segment);
    else throw new EdifactFault('UNH', `${segment.tag} stands outside a message`);
  }

  /** The interchange, when all of it was there. */
  interchange(): Interchange {
    if (!this.#envelope) throw new EdifactFault('UNB', 'there is no interchange');
    if (!this.#isEnded) throw new EdifactFault('UNZ', 'the interchange has no UNZ: it is not whole');
    return { ...this.#envelope, messages: this.#messages, doubts: this.#doubts };
  }

  #begin(segment: Segment): void {
    const reference = part(segment, 0);
    // it is named in reports, whose words travel in a header
    if (!/^[\x20-\x7e]{1,14}$/.test(reference))
      throw new EdifactFault('UNH', 'a UNH has no reference of 1 to 14 characters');
    if (this.#references.has(reference)) throw new EdifactFault('UNH', `two messages have the reference ${reference}`);
    if (this.#references.size >= mostMessages)
      throw new EdifactFault('too-many', `more than ${mostMessages} messages in one interchange`);
    this.#references.add(reference);
    this.#open = {
      reference,
      type: part(segment, 1),
      association: part(segment, 1, 4),
      segments: 1,
      summarizer: new ReportSummarizer(),
    };
  }

  #within(open: Open, segment: Segment): void {
    if (segment.tag === 'UNH' || segment.tag === 'UNZ')
      throw new EdifactFault('UNT', `message ${open.reference} has no UNT before ${segment.tag}`);
    open.segments++;
    if (segment.tag !== 'UNT') {
      open.summarizer.take(segment);
      return;
    }
    if (part(segment, 1) !== open.reference)
      throw new EdifactFault('UNT', `the UNT of message ${open.reference} names another reference`);
    if (Number(part(segment, 0)) !== open.segments && this.#doubts.length < mostDoubts)
      this.#doubts.push({
        rule: 'UNT-count',
        text: `message ${open.reference} has ${open.segments} segments, its UNT says otherwise`,
      });
    const { reference, type, association, summarizer } = open;
    this.#messages.push({ reference, type, association, report: summarizer.summary() });
    this.#open = undefined;
  }

  #end({ controlReference }: Envelope, segment: Segment): void {
    if (!/^[0-9]{1,6}$/.test(part(segment, 0)) || Number(part(segment, 0)) !== this.#messages.length)
      throw new EdifactFault('UNZ-count', `UNZ does not count the ${this.#messages.length} messages that are there`);
    if (part(segment, 1) !== controlReference)
      throw new EdifactFault('UNZ-reference', 'UNB and UNZ have different control references');
    if (this.#messages.length === 0) throw new EdifactFault('empty', 'there is no message in the interchange');
    this.#isEnded = true;
  }
}

function readEnvelope(segment: Segment): Envelope {
  if (segment.tag !== 'UNB') throw new EdifactFault('UNB', 'it does not begin with UNB');
  if (!/^UNO[ABC]$/.test(part(segment, 0)))
    throw new EdifactFault('syntax', 'the syntax of UNB is none of UNOA, UNOB, UNOC');
  const party = (element: number): EdiParty => {
    const id = part(segment, element);
    if (!/^[\x20-\x7e]{1,35}$/.test(id)) throw new EdifactFault('UNB', 'UNB does not name sender and recipient');
    return { id, qualifier: part(segment, element, 1).slice(0, 4) };
  };
  const controlReference = part(segment, 4);
  if (!/^[\x20-\x7e]{1,14}$/.test(controlReference))
    throw new EdifactFault('UNB', 'UNB has no control reference of 1 to 14 characters');
  return {
    sender: party(1),
    recipient: party(2),
    preparedAt: `${part(segment, 3)}:${part(segment, 3, 1)}`,
    controlReference,
    applicationReference: part(segment, 6),
    isAcknowledgmentAsked: part(segment, 8) === '1',
    isTest: part(segment, 10) === '1',
  };
}
