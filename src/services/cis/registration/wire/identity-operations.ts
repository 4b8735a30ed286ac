import { z } from 'zod';
import type { Operation } from '../../../../platform/http/operation.ts';
import type { RegistrationParts } from '../registration-parts.ts';
import type { StandingVerb } from '../rules/identities.ts';
import {
  cancelCardBody,
  changeDetailsBody,
  createIdentityBody,
  issueCardBody,
  moveBody,
  reasonBody,
  requestBody,
} from '../shapes.ts';
import { issueEnrolmentCode, removeAuthenticator } from '../verbs/authenticators.ts';
import { type CardOf, cancelCard, issueCard, lockCard, renewCard, resetCard, unlockCard } from '../verbs/cards.ts';
import { changeDetails } from '../verbs/change-details.ts';
import { changeStanding } from '../verbs/change-standing.ts';
import { createIdentity } from '../verbs/create-identity.ts';
import { decideAssignment } from '../verbs/decide-assignment.ts';
import { endAssignment } from '../verbs/end-assignment.ts';
import { viewHistory, viewIdentity } from '../verbs/look.ts';
import { movePerson } from '../verbs/move.ts';
import { requestAssignment } from '../verbs/request-assignment.ts';
import { changing, looking } from './operation-frame.ts';

type Params = Readonly<Record<string, string>>;
const userIdIn = (params: Params) => params.userId as string;
const assignmentIn = (params: Params) => ({
  userId: params.userId as string,
  roleProfileId: params.roleProfileId as string,
});
const cardIn = (params: Params): CardOf => ({
  userId: params.userId as string,
  cardNumber: params.cardNumber as string,
});

const person = '/identities/:userId';
const historyQuery = z.strictObject({ before: z.uuid().optional() });

/** What is done to identities and to what they hold. */
export function identityOperations(parts: RegistrationParts): Operation[] {
  const { vault, cards, authenticators } = parts;
  const standing = (verb: StandingVerb, summary: string) =>
    changing(parts, {
      name: `${verb}-identity`,
      path: `${person}/${verb}`,
      summary,
      body: reasonBody,
      run: (tx, by, _body, params, national) => changeStanding(tx, { national }, by, userIdIn(params), verb),
    });
  return [
    changing(parts, {
      name: 'create-identity',
      path: '/identities',
      summary: 'Create an identity from three documents, after a search for duplicates',
      body: createIdentityBody,
      created: true,
      run: (tx, by, body) => createIdentity(tx, { vault }, by, body),
    }),
    looking(parts, {
      name: 'view-identity',
      path: person,
      summary: 'An identity: status, assignments, cards, authenticators',
      run: (tx, by, _query, params, national) =>
        viewIdentity(tx, { national, cards, authenticators }, by, userIdIn(params)),
    }),
    looking(parts, {
      name: 'view-identity-history',
      path: `${person}/history`,
      summary: 'What was done to an identity: by whom, when, before, after, why',
      query: historyQuery,
      run: (tx, { actor }, query, params, national) =>
        viewHistory(tx, { national }, actor, { userId: userIdIn(params) }, query.before),
    }),
    changing(parts, {
      name: 'change-details',
      path: `${person}/details`,
      summary: 'Change personal details; null takes a value away',
      body: changeDetailsBody,
      run: (tx, by, body, params, national) => changeDetails(tx, { vault, national }, by, userIdIn(params), body),
    }),
    standing('suspend', 'Suspend an identity: no log-on, tokens revoked'),
    standing('resume', 'Let a suspended identity work again'),
    standing('close', 'Close an identity (leave): ends every assignment, no log-on, tokens revoked'),
    standing('reopen', 'Reopen a closed identity, without any assignment'),
    changing(parts, {
      name: 'move-person',
      path: `${person}/move`,
      summary: 'End what a person has in one organisation and request a position in another',
      body: moveBody,
      run: (tx, by, body, params, national) => movePerson(tx, { national }, by, userIdIn(params), body),
    }),
    ...assignmentOperations(parts),
    ...cardOperations(parts),
    changing(parts, {
      name: 'issue-enrolment-code',
      path: `${person}/enrolment-codes`,
      summary: 'Issue a code with which the person registers an authenticator; shown once',
      body: reasonBody,
      created: true,
      run: (tx, by, _body, params, national) =>
        issueEnrolmentCode(tx, { national, desk: authenticators }, by, userIdIn(params)),
    }),
    changing(parts, {
      name: 'remove-authenticator',
      path: `${person}/authenticators/:authenticatorId/remove`,
      summary: 'Remove an authenticator of the person',
      body: reasonBody,
      run: (tx, by, _body, params, national) =>
        removeAuthenticator(tx, { national, desk: authenticators }, by, {
          userId: userIdIn(params),
          authenticatorId: params.authenticatorId as string,
        }),
    }),
  ];
}

function assignmentOperations(parts: RegistrationParts): Operation[] {
  const one = `${person}/assignments/:roleProfileId`;
  const decide = (verdict: 'grant' | 'refuse', summary: string) =>
    changing(parts, {
      name: `${verdict}-assignment`,
      path: `${one}/${verdict}`,
      summary,
      body: reasonBody,
      run: (tx, by, _body, params, national) => decideAssignment(tx, { national }, by, assignmentIn(params), verdict),
    });
  return [
    changing(parts, {
      name: 'request-assignment',
      path: `${person}/assignments`,
      summary: 'Request a position for a person',
      body: requestBody,
      created: true,
      run: (tx, by, body, params, national) => requestAssignment(tx, { national }, by, userIdIn(params), body),
    }),
    decide('grant', 'Grant a requested position; another than who requested it'),
    decide('refuse', 'Refuse a requested position, or withdraw the request'),
    changing(parts, {
      name: 'end-assignment',
      path: `${one}/end`,
      summary: 'End an assignment; gone from live sessions within a second',
      body: reasonBody,
      run: (tx, by, _body, params, national) => endAssignment(tx, { national }, by, assignmentIn(params)),
    }),
  ];
}

function cardOperations(parts: RegistrationParts): Operation[] {
  const one = `${person}/cards/:cardNumber`;
  const desk = parts.cards;
  return [
    changing(parts, {
      name: 'issue-card',
      path: `${person}/cards`,
      summary: 'Issue a card; its keys and passcode are shown once',
      body: issueCardBody,
      created: true,
      run: (tx, by, body, params, national) => issueCard(tx, { national, desk }, by, userIdIn(params), body.isLocked),
    }),
    changing(parts, {
      name: 'unlock-card',
      path: `${one}/unlock`,
      summary: 'Unlock a card; its passcode stays',
      body: reasonBody,
      run: (tx, by, _body, params, national) => unlockCard(tx, { national, desk }, by, cardIn(params)),
    }),
    changing(parts, {
      name: 'lock-card',
      path: `${one}/lock`,
      summary: 'Lock a card that was mislaid; its holder is logged off',
      body: reasonBody,
      run: (tx, by, _body, params, national) => lockCard(tx, { national, desk }, by, cardIn(params)),
    }),
    changing(parts, {
      name: 'reset-card',
      path: `${one}/reset`,
      summary: 'Set a new passcode; shown once',
      body: reasonBody,
      run: (tx, by, _body, params, national) => resetCard(tx, { national, desk }, by, cardIn(params)),
    }),
    changing(parts, {
      name: 'renew-card',
      path: `${one}/renew`,
      summary: 'Renew the certificates of a card, from 90 days before they end',
      body: reasonBody,
      run: (tx, by, _body, params, national) => renewCard(tx, { national, desk }, by, cardIn(params)),
    }),
    changing(parts, {
      name: 'cancel-card',
      path: `${one}/cancel`,
      summary: 'Cancel a card for good',
      body: cancelCardBody,
      run: (tx, by, body, params, national) =>
        cancelCard(tx, { national, desk }, by, cardIn(params), body.revocationReason),
    }),
  ];
}
