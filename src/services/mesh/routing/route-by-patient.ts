import {
  judgeMailboxes,
  judgePatientAddress,
  type RoutingFacts,
  type RoutingFailure,
} from './judge-patient-address.ts';
import { parsePatientAddress } from './patient-address.ts';

/** Workflows that may be addressed by patient (published list). */
const routedWorkflows: ReadonlySet<string> = new Set([
  'TOC_FHIR_IP_DISCH',
  'TOC_FHIR_MH_DISCH',
  'TOC_FHIR_EC_DISCH',
  'TOC_FHIR_OP_ATTEN',
  'TOC_OUTP_ATT_DMS',
  'GPFED_CONSULT_REPORT',
  'GPFED_CONSULT_REPORT_ACK',
  'GPCONNECT_UPDATE_RECORD',
  'GPCONNECT_UPDATE_RECORD_ACK',
  'GPCONNECT_SEND_DOCUMENT',
]);

/** What routing asks others: PDS of a patient on a day (yyyy-mm-dd), the directory of receivers at an ODS code. */
export type RoutingParts = {
  readonly factsOf: (numbers: readonly string[], day: string) => Promise<ReadonlyMap<string, RoutingFacts>>;
  readonly receiversAt: (odsCode: string, workflowId: string) => Promise<readonly string[]> | readonly string[];
  /** A name as PDS compares it. */
  readonly nameKey: (name: string) => string;
};

/** Where a message goes. `nhsNumber` is for the audit entry of the look-up, where a valid one was sent. */
export type Route = ({ readonly mailboxId: string } | { readonly failure: RoutingFailure }) & {
  readonly nhsNumber: string;
};

/**
 * Finds the mailbox of the practice of the patient whom `to` names (contract, section 8); undefined where `to` names no
 * patient. `day` is today (yyyy-mm-dd).
 */
export async function routeByPatient(
  parts: RoutingParts,
  to: string,
  workflowId: string,
  day: string,
): Promise<Route | undefined> {
  const address = parsePatientAddress(to);
  if (!address) return undefined;
  const nhsNumber = address.isNumberValid ? address.nhsNumber : '';
  if (!routedWorkflows.has(workflowId.toUpperCase())) return { failure: 'EPL-151', nhsNumber };
  const facts = address.isNumberValid ? await parts.factsOf([address.nhsNumber], day) : undefined;
  const judged = judgePatientAddress(address, facts?.get(address.nhsNumber), parts.nameKey);
  if ('failure' in judged) return { ...judged, nhsNumber };
  return { ...judgeMailboxes(await parts.receiversAt(judged.practice, workflowId)), nhsNumber };
}
