import type { Queryable } from '../../../../platform/db/database.ts';
import type { NationalRoles } from '../../rbac/national-roles.ts';
import type { Done } from '../carry-out.ts';
import { loadPerson } from '../loaded.ts';
import { demand, refusal } from '../refusals.ts';
import type { AuthenticatorDesk } from '../registration-parts.ts';
import type { Actor } from '../rules/authority.ts';
import { mayNotTouch } from '../rules/identities.ts';

type Parts = { readonly national: NationalRoles; readonly desk: AuthenticatorDesk | undefined };
type By = { readonly actor: Actor; readonly now: number };

function desk({ desk: given }: Parts): AuthenticatorDesk {
  if (!given) throw refusal('not-there', 'This installation registers no authenticators.');
  return given;
}

/** Issues a code with which the person registers a passkey or an authenticator app; it is in this answer and nowhere else. */
export async function issueEnrolmentCode(
  tx: Queryable,
  parts: Parts,
  { actor, now }: By,
  userId: string,
): Promise<Done> {
  const register = desk(parts);
  const { person, identity } = await loadPerson(tx, userId, parts.national);
  demand(mayNotTouch(actor, 'change-authenticators', identity, 'home'));
  if (person.status !== 'active') throw refusal('state', `The identity is ${person.status}.`);
  const { code, address, expiresAt } = await register.issueEnrolmentCode(tx, userId, { actor: actor.userId, now });
  const until = new Date(expiresAt).toISOString();
  return {
    status: 201,
    body: { userId, code, address, expiresAt: until },
    isSecret: true,
    changes: [
      {
        subjectId: userId,
        verb: 'enrolment-code-issued-by-authority',
        before: null,
        after: { expiresAt: until },
        told: { userId },
      },
    ],
  };
}

/** Removes an authenticator of the person, and logs them off where they are. */
export async function removeAuthenticator(
  tx: Queryable,
  parts: Parts,
  { actor, now }: By,
  of: { userId: string; authenticatorId: string },
): Promise<Done> {
  const register = desk(parts);
  const { identity } = await loadPerson(tx, of.userId, parts.national);
  demand(mayNotTouch(actor, 'change-authenticators', identity, 'one'));
  if (!(await register.remove(tx, of, { actor: actor.userId, now })))
    throw refusal(
      'unknown',
      `The person has no authenticator ${of.authenticatorId.slice(0, 40).toWellFormed()}.`,
      'authenticatorId',
    );
  return {
    status: 200,
    body: { ...of, state: 'removed' },
    changes: [
      {
        subjectId: of.userId,
        verb: 'authenticator-removed-by-authority',
        before: { authenticatorId: of.authenticatorId },
        after: null,
        told: of,
      },
    ],
    revoke: [of.userId],
  };
}
