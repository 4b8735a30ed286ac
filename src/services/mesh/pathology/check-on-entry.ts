import { EdifactFault, type Fault, SegmentReader } from './edifact.ts';
import { type Interchange, InterchangeReader } from './interchange.ts';

/** Which messages may travel under which workflow: type and NHS version (contract, section 9). */
const allowed: Readonly<
  Record<string, { readonly types: readonly string[]; readonly associations: readonly string[] }>
> = {
  PATH_MEDRPT_V3: { types: ['MEDRPT', 'NHSRSR'], associations: ['NHS002', 'NHS003'] },
  SCRN_BCS_MEDRPT_V4: { types: ['MEDRPT'], associations: ['NHS004'] },
};

/** Workflows whose files are results; the published adaptors compare without regard to case. */
export const isResultWorkflow = (workflowId: string): boolean => Object.hasOwn(allowed, workflowId.toUpperCase());

/** Workflows whose files acknowledge results. */
export const isAcknowledgmentWorkflow = (workflowId: string): boolean =>
  workflowId.toUpperCase().endsWith('_ACK') && isResultWorkflow(workflowId.slice(0, -4));

export type Verdict =
  | { readonly isAccepted: true; readonly interchange: Interchange }
  | { readonly isAccepted: false; readonly fault: Fault };

/**
 * Judges a file of results: one whole interchange, and only messages that belong under the workflow. Read in pieces as
 * they come; memory does not grow with the file.
 */
export async function checkOnEntry(
  workflowId: string,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<Verdict> {
  const segments = new SegmentReader();
  const reader = new InterchangeReader();
  try {
    for await (const piece of pieces) for (const segment of segments.push(piece)) reader.take(segment);
    for (const segment of segments.end()) reader.take(segment);
    const interchange = reader.interchange();
    const rules = allowed[workflowId.toUpperCase()];
    for (const { reference, type, association } of interchange.messages)
      if (!rules?.types.includes(type) || !rules.associations.includes(association))
        throw new EdifactFault('message-type', `message ${reference} is of a type that does not belong here`);
    return { isAccepted: true, interchange };
  } catch (error) {
    if (error instanceof EdifactFault) return { isAccepted: false, fault: error.fault };
    throw error;
  }
}
