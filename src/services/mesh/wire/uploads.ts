import { type Call, header, type Operation } from '../../../platform/http/operation.ts';
import { inlineBytes } from '../payloads/payloads.ts';
import { errors, refuse } from './errors.ts';
import type { Transfers } from './transfers.ts';

/** The operation, within the limits of uploads: beyond them the body is not read, and may be sent again in a moment. */
export function limited(operation: Operation, uploads: Transfers): Operation {
  return {
    ...operation,
    async handle(call) {
      const end = uploads.begin(call.principal?.appId ?? '', isLarge(call));
      if (!end) throw refuse(call, errors.tooManyUploads, undefined, { 'retry-after': '5' });
      try {
        return await operation.handle(call);
      } finally {
        end();
      }
    },
  };
}

/** A body whose length is not told may be any. */
const isLarge = (call: Call): boolean => !(Number(header(call, 'content-length')) <= inlineBytes);
