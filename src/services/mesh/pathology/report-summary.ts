import { isNhsNumber } from '../../../platform/nhs/nhs-number.ts';
import { part, type Segment } from './edifact.ts';

/** What is kept of one report to follow it to its clinician: whose, for whom, which, how urgent. No result itself. */
export type ReportSummary = {
  /** The laboratory's name for the report (RFF+SRI); empty where it gave none. */
  readonly reportId: string;
  /** Patient's NHS number (PNA+PAT, OPI); empty where there is none or it is not one. */
  readonly nhsNumber: string;
  /** ODS code of the practice it is for: the recipient of the message (MR), otherwise who ordered it (PO). */
  readonly organisation: string;
  /** Code and name of the clinician it is for, by the same order; empty where not given. */
  readonly clinician: string;
  readonly clinicianName: string;
  /** A result in it is marked outside its limits (RSL with a deviation). */
  readonly isAbnormal: boolean;
};

type Party = { function: string; code: string; list: string; name: string };

/** Gathers the summary from a MEDRPT's segments, in their order. Memory is bounded: first values win. */
export class ReportSummarizer {
  #reportId = '';
  #nhsNumber = '';
  #isAbnormal = false;
  #party: Party | undefined;
  readonly #organisations = new Map<string, string>();
  readonly #clinicians = new Map<string, { code: string; name: string }>();

  take(segment: Segment): void {
    if (segment.tag === 'NAD')
      this.#party = {
        function: part(segment, 0),
        code: part(segment, 1),
        list: part(segment, 1, 1),
        name: part(segment, 3),
      };
    else if (segment.tag === 'SPR') this.#settleParty(part(segment, 0));
    else if (segment.tag === 'RFF' && part(segment, 0) === 'SRI') this.#reportId ||= part(segment, 0, 1).slice(0, 70);
    else if (segment.tag === 'PNA' && part(segment, 0) === 'PAT') this.#readPatient(segment);
    else if (segment.tag === 'RSL' && part(segment, 4) !== '') this.#isAbnormal = true;
  }

  summary(): ReportSummary {
    const clinician = this.#clinicians.get('MR') ?? this.#clinicians.get('PO');
    return {
      reportId: this.#reportId,
      nhsNumber: this.#nhsNumber,
      organisation: this.#organisations.get('MR') ?? this.#organisations.get('PO') ?? '',
      clinician: clinician?.code ?? '',
      clinicianName: clinician?.name ?? '',
      isAbnormal: this.#isAbnormal,
    };
  }

  /** Code list 900 is of practitioners, 901 of practices; SPR says which of both a party is. */
  #settleParty(kind: string): void {
    const party = this.#party;
    this.#party = undefined;
    if (!party || (party.function !== 'MR' && party.function !== 'PO')) return;
    if (kind === 'ORG' && party.list === '901' && /^[A-Z0-9]{3,10}$/i.test(party.code)) {
      if (!this.#organisations.has(party.function)) this.#organisations.set(party.function, party.code.toUpperCase());
    } else if (kind === 'PRO' && !this.#clinicians.has(party.function)) {
      const code = party.list === '900' ? party.code.slice(0, 17).toUpperCase() : '';
      this.#clinicians.set(party.function, { code, name: party.name.slice(0, 70) });
    }
  }

  #readPatient(segment: Segment): void {
    for (const components of segment.elements.slice(1)) {
      const number = (components[0] ?? '').replaceAll(' ', '');
      if (components[1] === 'OPI' && isNhsNumber(number)) this.#nhsNumber ||= number;
    }
  }
}
