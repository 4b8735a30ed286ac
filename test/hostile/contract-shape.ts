import type { RawAnswer } from './raw.ts';

const published = 'https://fhir.nhs.uk/R4/CodeSystem/Spine-ErrorOrWarningCode';

/**
 * What is wrong with an answer as the contract shapes it: a success of JSON, or a refusal with one issue and one
 * published coding. `isSized`: the answer to HEAD has no body.
 */
export function faultOf({ status, head, text }: RawAnswer, { isHead = false } = {}): string | undefined {
  if (status === 0) return `no HTTP answer: ${head}`;
  if (status === 500) return `500: ${text}`;
  if (isHead) return text === '' ? undefined : `a body to HEAD: ${text}`;
  if (status < 300 && text === '') return undefined;
  if (!/\r\ncontent-type: application\/(fhir\+)?json(\r\n|$)/i.test(head)) return `no JSON: ${head}`;
  let body: { resourceType?: string; issue?: { details?: { coding?: { system?: string; code?: string }[] } }[] };
  try {
    body = JSON.parse(text);
  } catch {
    return `broken JSON: ${text.slice(0, 200)}`;
  }
  if (status < 300) return undefined;
  const coding = body.issue?.[0]?.details?.coding;
  const isShaped =
    body.resourceType === 'OperationOutcome' &&
    body.issue?.length === 1 &&
    coding?.length === 1 &&
    coding[0]?.system === published &&
    coding[0].code !== undefined;
  return isShaped ? undefined : `not in the published shape: ${status} ${text.slice(0, 200)}`;
}

/** The answer to what is no HTTP: a refusal, JSON with one issue; there is no request to tell a service by. */
export function transportFaultOf({ status, head, text }: RawAnswer): string | undefined {
  if (status < 400 || status >= 500) return `${status} ${head}`;
  try {
    return (JSON.parse(text) as { issue: unknown[] }).issue.length === 1 ? undefined : `issues: ${text}`;
  } catch {
    return `no JSON: ${head} ${text.slice(0, 200)}`;
  }
}
