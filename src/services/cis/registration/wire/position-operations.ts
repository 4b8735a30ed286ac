import { z } from 'zod';
import type { Operation } from '../../../../platform/http/operation.ts';
import type { RegistrationParts } from '../registration-parts.ts';
import { changePositionBody, createPositionBody, createWorkgroupBody, odsCode, reasonBody } from '../shapes.ts';
import { createWorkgroup } from '../verbs/create-workgroup.ts';
import { decidePosition } from '../verbs/decide-position.ts';
import { openRequests, viewHistory, viewPositions, whoHasWhat } from '../verbs/look.ts';
import { proposePosition } from '../verbs/propose-position.ts';
import { changing, looking } from './operation-frame.ts';

const organisationQuery = z.strictObject({ organisation: odsCode });
const pagedQuery = z.strictObject({
  organisation: odsCode,
  after: z
    .string()
    .regex(/^[0-9]{12}$/)
    .optional(),
});
const reportQuery = pagedQuery.extend({ on: z.iso.date().optional() });
const historyQuery = z.strictObject({ before: z.uuid().optional() });

/** What is done to positions, and what is asked of an organisation's staff as a whole. */
export function positionOperations(parts: RegistrationParts): Operation[] {
  const decide = (verdict: 'approve' | 'refuse', summary: string) =>
    changing(parts, {
      name: `${verdict}-position`,
      path: `/proposals/:proposalId/${verdict}`,
      summary,
      body: reasonBody,
      run: (tx, by, _body, params, national) =>
        decidePosition(tx, { national }, by, params.proposalId as string, verdict),
    });
  return [
    changing(parts, {
      name: 'propose-position',
      path: '/positions',
      summary: 'Propose a new position; it holds once another manager approved it',
      body: createPositionBody,
      created: true,
      run: (tx, by, { odsCode: code, reason: _, ...content }, _params, national) =>
        proposePosition(tx, { national }, by, { odsCode: code }, content),
    }),
    changing(parts, {
      name: 'propose-position-change',
      path: '/positions/:positionId/changes',
      summary: 'Propose another content of a position',
      body: changePositionBody,
      created: true,
      run: (tx, by, { reason: _, ...content }, params, national) =>
        proposePosition(tx, { national }, by, { positionId: params.positionId as string }, content),
    }),
    changing(parts, {
      name: 'propose-position-withdrawal',
      path: '/positions/:positionId/withdrawal',
      summary: 'Propose that a position be withdrawn from all who hold it',
      body: reasonBody,
      created: true,
      run: (tx, by, _body, params, national) =>
        proposePosition(tx, { national }, by, { positionId: params.positionId as string }, undefined),
    }),
    decide('approve', 'Approve a proposed position; another manager than who proposed it'),
    decide('refuse', 'Refuse a proposed position'),
    looking(parts, {
      name: 'view-positions',
      path: '/positions',
      summary: 'Positions and workgroups of an organisation',
      query: organisationQuery,
      run: (tx, { actor }, query) => viewPositions(tx, actor, query.organisation as string),
    }),
    looking(parts, {
      name: 'view-position-history',
      path: '/positions/:positionId/history',
      summary: 'What was done to a position: by whom, when, before, after, why',
      query: historyQuery,
      run: (tx, { actor }, query, params, national) =>
        viewHistory(tx, { national }, actor, { positionId: params.positionId as string }, query.before),
    }),
    looking(parts, {
      name: 'report-assignments',
      path: '/assignments',
      summary: 'Who has what in an organisation, now or on a day past (`on`)',
      query: reportQuery,
      run: (tx, by, query, _params, national) =>
        whoHasWhat(tx, { national }, by, {
          odsCode: query.organisation as string,
          on: query.on,
          after: query.after ?? '',
        }),
    }),
    looking(parts, {
      name: 'view-requests',
      path: '/requests',
      summary: 'What waits for a decision in an organisation',
      query: pagedQuery,
      run: (tx, by, query, _params, national) =>
        openRequests(tx, { national }, by, { odsCode: query.organisation as string, after: query.after ?? '' }),
    }),
    changing(parts, {
      name: 'create-workgroup',
      path: '/organisations/:odsCode/workgroups',
      summary: 'Create a workgroup of an organisation',
      body: createWorkgroupBody,
      created: true,
      run: (tx, by, { name }, params) => createWorkgroup(tx, by, { odsCode: params.odsCode as string, name }),
    }),
  ];
}
