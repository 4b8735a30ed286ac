import { z } from 'zod';
import { type Answer, type Call, header, type Operation } from '../../../../platform/http/operation.ts';
import type { Application } from '../../../../platform/identity/applications.ts';
import type { Tokens } from '../../../../platform/identity/tokens.ts';
import { type AuthenticationParts, authenticateClient } from '../authenticate-client.ts';
import { jwtBearer } from '../client-assertion-rules.ts';
import { assertionErrors, generalErrors, refuse, refuseUnbuilt } from '../errors.ts';
import { expiresIn, lifeOf, principalOfApplication } from '../grant.ts';
import { readSubjectToken } from '../subject-token-rules.ts';
import { redeemCode, redeemRefreshToken } from './client-secret-grants.ts';
import { tokenPath } from './dialect.ts';
import { type Form, readForm } from './form.ts';

export type TokenParts = AuthenticationParts & {
  readonly tokens: Tokens;
  /** Scheme and host of our token address; undefined: the address asked. */
  readonly issuerBase: string | undefined;
  readonly scheme: 'http' | 'https';
};

const tokenExchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
const idToken = 'urn:ietf:params:oauth:token-type:id_token';

const body = z.object({
  grant_type: z.enum(['client_credentials', tokenExchange, 'authorization_code', 'refresh_token']),
  client_assertion_type: z.literal(jwtBearer).optional(),
  client_assertion: z.string().optional(),
  _access_token_expiry_ms: z.string().optional(),
});
const tokenBody = z.object({
  access_token: z.string(),
  expires_in: z.string(),
  token_type: z.literal('Bearer'),
  issued_at: z.string().optional(),
});
const errorShape = z.object({ error: z.string(), error_description: z.string(), message_id: z.string() });

/** `POST /oauth2/token`: a token for an application that signs, and the refusals of every other grant. */
export function tokenOperation(parts: TokenParts): Operation {
  return {
    name: 'cis.token',
    method: 'POST',
    path: tokenPath,
    summary: 'Get an access token',
    access: 'open',
    audit: 'write',
    input: { body },
    answers: {
      200: { summary: 'An access token; numbers are strings', body: tokenBody },
      400: { summary: 'Something in the form or the assertion is wrong', body: errorShape },
      401: { summary: 'The client is not known, not proved or not allowed', body: errorShape },
      403: { summary: 'The keys of the client cannot be had', body: errorShape },
      405: { summary: 'Not POST; empty, with Allow' },
      415: { summary: 'The body is not a form', body: errorShape },
      500: { summary: 'Something unforeseen', body: errorShape },
      501: { summary: 'The grant is published but not there yet: OperationOutcome' },
    },
    handle: (call) => answerGrant(parts, call, readForm(call)),
  };
}

/** Which flow a form belongs to. The steps of one flow are numbered; a form of no flow is told so at the end. */
async function answerGrant(parts: TokenParts, call: Call, form: Form): Promise<Answer> {
  const grant = form.get('grant_type');
  if (grant === 'authorization_code') return redeemCode(parts.applications, form);
  if (grant === 'refresh_token') return redeemRefreshToken(parts.applications, form);
  const isExchange = form.get('subject_token_type') === idToken;
  if (!isExchange && grant === tokenExchange) throw refuse(generalErrors.subjectTokenType);
  if (!isExchange && grant !== 'client_credentials')
    throw refuse(grant ? generalErrors.unsupportedGrant : generalErrors.noGrant);
  if (form.get('client_assertion_type') !== jwtBearer) throw refuse(assertionErrors.type);
  if (isExchange && grant !== tokenExchange) throw refuse(assertionErrors.grant);
  const client = await authenticateClient(parts, form.get('client_assertion'), audienceOf(parts, call), call.now);
  return isExchange ? exchange(form, call) : issue(parts, call, form, client);
}

function audienceOf({ issuerBase, scheme }: TokenParts, call: Call): string {
  return `${issuerBase ?? `${scheme}://${header(call, 'host') ?? ''}`}${tokenPath}`;
}

/** Steps 75 and 100, and the token. */
async function issue(parts: TokenParts, call: Call, form: Form, known: Application): Promise<Answer> {
  // fetching keys may have taken seconds: what the application may have now counts
  const client = await parts.applications.find(known.appId);
  if (!client) throw refuse(assertionErrors.unknownClient);
  const principal = principalOfApplication(client);
  const life = lifeOf(form.get('_access_token_expiry_ms'));
  const token = await parts.tokens.issue(principal, life / 1000);
  call.principal = principal;
  return {
    status: 200,
    body: { access_token: token, expires_in: expiresIn(life), token_type: 'Bearer', issued_at: String(call.now) },
  };
}

/** Steps 40 to 62; who logged on cannot be looked up without an identity provider. */
function exchange(form: Form, call: Call): Answer {
  readSubjectToken(form.get('subject_token'), call.now);
  throw refuseUnbuilt('Token exchange');
}
