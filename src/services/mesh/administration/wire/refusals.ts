import { Refusal } from '../../../../platform/http/refusal.ts';

const issueCodes: Record<number, string> = {
  400: 'invalid',
  401: 'login',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
};

/** An OperationOutcome that names the rule and, of what was sent, the field. */
export function refuse(status: number, rule: string, diagnostics: string, field?: string): Refusal {
  const issue = {
    severity: 'error',
    code: issueCodes[status] ?? 'processing',
    details: { coding: [{ system: 'https://openspine.example/CodeSystem/mesh-administration-rule', code: rule }] },
    diagnostics,
    ...(field === undefined ? {} : { expression: [field] }),
  };
  const headers: Record<string, string> = status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {};
  return new Refusal(status, rule, { resourceType: 'OperationOutcome', issue: [issue] }, headers);
}
