import type { Evidence } from '../shapes.ts';
import { type Fault, fault } from './authority.ts';

/** Why documents do not prove an identity (published: one photo identity, one proof of address, the third of either kind). */
export function evidenceFault({ documents }: Evidence): Fault | undefined {
  const kinds = documents.map((document) => document.kind);
  if (!kinds.includes('photo-identity'))
    return fault('value', 'One of the three documents must be a photo identity.', 'evidence.documents');
  if (!kinds.includes('proof-of-address'))
    return fault('value', 'One of the three documents must be a proof of address.', 'evidence.documents');
  const distinct = new Set(documents.map(({ kind, name, reference }) => `${kind}|${name}|${reference ?? ''}`));
  return distinct.size < documents.length
    ? fault('value', 'The three documents must be three.', 'evidence.documents')
    : undefined;
}
