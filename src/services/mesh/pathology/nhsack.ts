import { EdifactFault, part, type Segment, segmentsOf, writeSegment } from './edifact.ts';
import { type EdiParty, InterchangeReader } from './interchange.ts';

/** What a practice says of an interchange as a whole: all accepted, some, or rejected as invalid, all, or in parts. */
export const interchangeOutcomes = ['IAF', 'IAP', 'IRI', 'IRA', 'IRM'] as const;
export type InterchangeOutcome = (typeof interchangeOutcomes)[number];

/** One answer to one interchange of results (NHSACK, NHS001). */
export type Acknowledgment = {
  readonly controlReference: string;
  /** Sender and recipient of the interchange that is answered, as its UNB had them. */
  readonly sender: EdiParty;
  readonly recipient: EdiParty;
  readonly outcome: InterchangeOutcome;
  /** References of the messages that were not accepted (NMR other than MA). */
  readonly rejected: readonly string[];
};

/** Reads all acknowledgments of an interchange; checked as any other on entry. Throws `EdifactFault`. */
export function readAcknowledgments(bytes: Uint8Array): Acknowledgment[] {
  const check = new InterchangeReader();
  const found: (Omit<Acknowledgment, 'rejected'> & { rejected: string[] })[] = [];
  for (const segment of segmentsOf(bytes)) {
    check.take(segment);
    if (segment.tag === 'NIR') found.push(readOutcome(segment));
    else if (segment.tag === 'NMR' && part(segment, 1) !== 'MA')
      found.at(-1)?.rejected.push(part(segment, 0, 1).slice(0, 14));
  }
  for (const { type } of check.interchange().messages)
    if (type !== 'NHSACK') throw new EdifactFault('message-type', 'it holds other messages than NHSACK');
  if (found.length === 0) throw new EdifactFault('NIR', 'the acknowledgment names no interchange');
  return found;
}

function readOutcome(segment: Segment): Omit<Acknowledgment, 'rejected'> & { rejected: string[] } {
  const outcome = interchangeOutcomes.find((one) => one === part(segment, 3));
  if (part(segment, 0) !== 'SIR' || !outcome)
    throw new EdifactFault('NIR', 'NIR does not say what became of which interchange');
  const party = (element: number): EdiParty => ({ id: part(segment, element), qualifier: part(segment, element, 1) });
  return {
    controlReference: part(segment, 0, 1),
    sender: party(1),
    recipient: party(2),
    outcome,
    rejected: [],
  };
}

/** How one message fared, for the acknowledgment that is written. */
export type MessageOutcome = { readonly reference: string; readonly isAccepted: boolean };

/**
 * Writes an NHSACK interchange: from the recipient of the results back to their sender, under the control reference
 * given. `at` in milliseconds since 1970; times are written in UTC.
 */
export function writeAcknowledgment(
  answered: { readonly sender: EdiParty; readonly recipient: EdiParty; readonly controlReference: string },
  messages: readonly MessageOutcome[],
  controlReference: string,
  at: number,
): string {
  const day = new Date(at).toISOString().replace(/[-:T]/g, '');
  const accepted = messages.filter((one) => one.isAccepted).length;
  const outcome: InterchangeOutcome = accepted === messages.length ? 'IAF' : accepted === 0 ? 'IRA' : 'IAP';
  const from = [answered.recipient.id, answered.recipient.qualifier];
  const to = [answered.sender.id, answered.sender.qualifier];
  const body: Segment[] = [
    { tag: 'UNH', elements: [['1'], ['NHSACK', 'D', '1', 'NH', 'NHS001']] },
    { tag: 'BGM', elements: [['AKR']] },
    { tag: 'DTM', elements: [['137', day.slice(0, 8), '102']] },
    { tag: 'NIR', elements: [['SIR', answered.controlReference], to, from, [outcome]] },
    ...messages.map(({ reference, isAccepted }) => ({
      tag: 'NMR',
      elements: [['AGO', reference], [isAccepted ? 'MA' : 'MR']],
    })),
  ];
  const segments: Segment[] = [
    {
      tag: 'UNB',
      elements: [['UNOC', '3'], from, to, [day.slice(2, 8), day.slice(8, 12)], [controlReference], [], ['NHSACK']],
    },
    ...body,
    { tag: 'UNT', elements: [[String(body.length + 1)], ['1']] },
    { tag: 'UNZ', elements: [['1'], [controlReference]] },
  ];
  return `UNA:+.? '\r\n${segments.map((segment) => `${writeSegment(segment)}\r\n`).join('')}`;
}
