import { randomUUID } from 'node:crypto';
import type { Operation } from '../../../platform/http/operation.ts';
import type { Directory } from '../mailboxes/directory.ts';
import type { Mailbox } from '../mailboxes/mailbox.ts';
import { base } from './frame.ts';
import { versionOf } from './version.ts';

const v2Results = (mailboxes: readonly Mailbox[]) => ({
  results: mailboxes.map(({ mailboxId, name }) => ({ mailbox_id: mailboxId, mailbox_name: name })),
});

/** Which mailboxes receive a workflow: of one organisation, and of all. */
export function lookupOperations(directory: Directory): Operation[] {
  const shared = { method: 'GET', access: 'open', audit: 'none', answers: { 200: { summary: 'Mailboxes' } } } as const;
  return [
    {
      ...shared,
      name: 'mesh.endpoint-lookup',
      path: `${base}/endpointlookup/:ods/:workflow`,
      summary: 'Mailboxes of an organisation that receive a workflow',
      async handle(call) {
        const { ods = '', workflow = '' } = call.params;
        const found = directory.receivers(workflow, ods.toUpperCase());
        if (versionOf(call) === 2) return { status: 200, body: v2Results(found) };
        const results = found.map(({ mailboxId, name }) => ({
          address: mailboxId,
          description: name,
          endpoint_type: 'MESH',
        }));
        return { status: 200, body: { query_id: randomUUID().replaceAll('-', ''), results } };
      },
    },
    {
      ...shared,
      name: 'mesh.workflow-search',
      path: `${base}/workflowsearch/:workflow`,
      summary: 'Mailboxes that receive a workflow',
      handle: async (call) => ({ status: 200, body: v2Results(directory.receivers(call.params.workflow ?? '')) }),
    },
  ];
}
