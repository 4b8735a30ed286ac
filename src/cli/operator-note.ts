import { randomUUID } from 'node:crypto';
import type { AuditNote } from '../platform/audit/entry.ts';

/**
 * What the audit log says of a change made by a command: whoever runs it is the operator of the installation. `command` as
 * `openspine card`; `at` in milliseconds.
 */
export function operatorNote(command: string, operation: string, at: number, purpose = ''): AuditNote {
  return {
    nhsNumber: '',
    at,
    operation,
    outcome: 'allowed',
    status: 0,
    mode: 'operator',
    appId: '',
    odsCode: '',
    userId: command,
    roleId: '',
    purpose,
    requestId: randomUUID(),
  };
}
