import { type Call, header } from '../../../../platform/http/operation.ts';
import { generalErrors, refuse } from '../errors.ts';

/** The fields of a form by name; of a field sent twice the first counts. */
export type Form = ReadonlyMap<string, string>;

const formType = 'application/x-www-form-urlencoded';

/** Step 1: true when the body is called a form, in exactly the published words. */
export const isForm = (call: Call): boolean => header(call, 'content-type') === formType;

/** The form in the body. Throws the refusal of step 1. */
export function readForm(call: Call): Form {
  if (!isForm(call)) throw refuse(generalErrors.contentType);
  return fieldsOf(call.body.toString('utf8'));
}

/** The parameters of a query or form, the first of each name. */
export function fieldsOf(encoded: string): Form {
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(encoded)) if (!fields.has(name)) fields.set(name, value);
  return fields;
}
