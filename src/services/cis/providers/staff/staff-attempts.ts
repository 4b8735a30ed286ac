import type { Interaction } from 'oidc-provider';
import type { SpineEvent } from '../../../../platform/events/outbox.ts';
import type { Call } from '../../../../platform/http/operation.ts';
import type { LogOnAttempt, Proof } from '../../log-on/way.ts';
import { refuseInWords } from '../../pages/dialect.ts';
import type { StaffDirectory } from '../../staff-directory.ts';
import { logOnUnderWay, type UnderWay } from '../attempts.ts';
import type { ProviderHost } from '../provider-host.ts';
import type { ProviderStore } from '../provider-store.ts';
import { acceptedBy, acrOfLevel, askedValues, satisfied } from './assurance.ts';

export type StaffAttemptParts = {
  readonly host: ProviderHost;
  readonly store: ProviderStore;
  readonly directory: StaffDirectory;
  readonly isSandbox: boolean;
  readonly endSession: (uid: string) => Promise<boolean>;
};

export type StaffAttempt = LogOnAttempt & {
  /** Ends the attempt for a user whose word is taken: at the user's own level, enough or not. Sandbox only. */
  finishOnTrust(call: Call, proof: Proof): Promise<string>;
  readonly underWay: UnderWay;
};

/** Reasons of a log-on that concern the person who is logged on already. */
const samePerson = ['acr', 'max_age', 'id_token_hint'];

/** The log-on under way at the staff provider in this browser. Throws a Refusal in words. */
export async function staffAttempt(parts: StaffAttemptParts, call: Call): Promise<StaffAttempt> {
  const underWay = await logOnUnderWay(parts.host, call);
  const { interaction } = underWay;
  const values = askedValues(interaction.params.acr_values as string | undefined, parts.isSandbox);
  const again = interaction.prompt.reasons.some((reason) => samePerson.includes(reason));
  const userId = again ? interaction.session?.accountId : undefined;
  return {
    id: interaction.uid,
    browser: underWay.browser,
    clientName: underWay.clientName,
    ...acceptedBy(values),
    userId,
    address: underWay.address,
    underWay,
    async finish(call, proof) {
      if (satisfied(values, proof) === undefined) {
        call.principal = principalOf(proof.userId);
        throw refuseInWords(call, {
          status: 403,
          code: 'LEVEL_TOO_LOW',
          title: 'A stronger log-on is required',
          message: `${underWay.clientName} asks for ${values.join(' or ')}. Log on in another way.`,
        });
      }
      return finish(parts, call, { underWay, userId }, proof);
    },
    finishOnTrust: (call, proof) => finish(parts, call, { underWay, userId }, proof),
  };
}

async function finish(
  parts: StaffAttemptParts,
  call: Call,
  attempt: { readonly underWay: UnderWay; readonly userId: string | undefined },
  proof: Proof,
): Promise<string> {
  call.principal = principalOf(proof.userId);
  const { interaction } = attempt.underWay;
  if (interaction.prompt.name !== 'login') return interaction.returnTo;
  const account = await parts.directory.find(proof.userId);
  if (account?.status !== 'active')
    throw refuseInWords(call, {
      status: 403,
      code: 'ACCOUNT_NOT_ACTIVE',
      title: 'You cannot log on',
      message: 'Your account is not active. Your registration authority can tell you why.',
    });
  if (attempt.userId !== undefined && attempt.userId !== proof.userId)
    throw refuseInWords(call, {
      status: 403,
      code: 'SOMEBODY_ELSE',
      title: 'You are logged on as somebody else',
      message:
        'Whoever is logged on in this browser was asked to log on again. Log out first to log on as another user.',
    });
  await leaveOtherSession(parts, interaction, proof.userId);
  // dated now, not when the browser goes on: how fresh a log-on is must not be for its holder to choose
  const ts = Math.floor(parts.store.clock.wall() / 1000);
  interaction.result = { login: { accountId: proof.userId, acr: acrOfLevel(proof.level), amr: [...proof.amr], ts } };
  const event: SpineEvent = {
    subject: proof.userId,
    kind: 'cis.logged-on',
    happenedAt: call.now,
    body: {
      level: proof.level,
      amr: proof.amr,
      clientId: interaction.params.client_id,
      authenticatorId: proof.authenticatorId,
    },
  };
  await parts.store.savedWith(interaction.uid, [event], () => interaction.persist());
  return interaction.returnTo;
}

/** Somebody else takes over the browser: the session before ends, so that nothing of it is carried over. */
export async function leaveOtherSession(
  parts: { readonly endSession: (uid: string) => Promise<boolean> },
  interaction: Interaction,
  userId: string,
): Promise<void> {
  const { session } = interaction;
  if (session?.accountId === undefined || session.accountId === userId) return;
  await parts.endSession(session.uid);
  delete (interaction as { session?: unknown }).session;
}

/** For the audit entry of a log-on: who it was about. */
export function principalOf(userId: string): NonNullable<Call['principal']> {
  return { mode: 'healthcare-worker', appId: '', scopes: [], attributes: {}, userId };
}
