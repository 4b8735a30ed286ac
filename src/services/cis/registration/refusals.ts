import { Refusal } from '../../../platform/http/refusal.ts';
import type { Fault, FaultRule } from './rules/authority.ts';

/** Where our rule names are from, in `details.coding`. */
const ruleSystem = 'https://openspine.example/CodeSystem/registration-authority-rule';

const kinds: Readonly<
  Record<FaultRule | 'request-id' | 'body' | 'not-there', readonly [status: number, code: string]>
> = {
  task: [403, 'forbidden'],
  organisation: [403, 'forbidden'],
  'own-access': [403, 'forbidden'],
  'four-eyes': [403, 'forbidden'],
  'manager-only': [403, 'forbidden'],
  assignable: [403, 'forbidden'],
  state: [409, 'conflict'],
  version: [409, 'conflict'],
  validity: [409, 'conflict'],
  duplicate: [409, 'duplicate'],
  value: [400, 'value'],
  unknown: [404, 'not-found'],
  'request-id': [409, 'duplicate'],
  body: [400, 'invalid'],
  'not-there': [501, 'not-supported'],
};

/** A refusal of the Registration Authority's dialect: an OperationOutcome that names rule and field; `more` beside it. */
export function refusal(rule: keyof typeof kinds, words: string, field?: string, more: object = {}): Refusal {
  const [status, code] = kinds[rule];
  return outcome(status, code, words, { rule, field, more });
}

export function outcome(
  status: number,
  code: string,
  diagnostics: string,
  { rule = code, field, more = {}, headers = {} }: OutcomeDetail = {},
): Refusal {
  const issue = {
    severity: 'error',
    code,
    details: { coding: [{ system: ruleSystem, code: rule }] },
    diagnostics,
    ...(field === undefined ? {} : { expression: [field] }),
  };
  return new Refusal(
    status,
    `RA_${rule.toUpperCase().replaceAll('-', '_')}`,
    { resourceType: 'OperationOutcome', issue: [issue], ...more },
    headers,
    'application/fhir+json',
  );
}
type OutcomeDetail = {
  readonly rule?: string;
  readonly field?: string | undefined;
  readonly more?: object;
  readonly headers?: Record<string, string>;
};

/** Throws the fault as a refusal, if there is one. */
export function demand(fault: Fault | undefined): void {
  if (fault) throw refusal(fault.rule, fault.words, fault.field);
}
