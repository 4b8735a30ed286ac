import { z } from 'zod';
import { type Answer, type Call, header, type Operation } from '../../../../platform/http/operation.ts';
import type { Application } from '../../../../platform/identity/applications.ts';
import { authenticateClient } from '../authenticate-client.ts';
import { jwtBearer } from '../client-assertion-rules.ts';
import { assertionErrors, generalErrors, refuse } from '../errors.ts';
import { exchangeToken, verifySubjectToken } from '../exchange-token.ts';
import { accessMillis, expiresIn, principalOfApplication, principalOfClient, shortened } from '../grant.ts';
import { personBefore } from '../person.ts';
import { readSubjectToken } from '../subject-token-rules.ts';
import { answerCode, answerRefresh, livesWanted } from './client-secret-grants.ts';
import { type Form, readForm } from './form.ts';
import { operationName } from './operation-name.ts';
import type { TokenServiceParts } from './parts.ts';

const tokenExchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
const idToken = 'urn:ietf:params:oauth:token-type:id_token';

const body = z.object({
  grant_type: z.enum(['client_credentials', tokenExchange, 'authorization_code', 'refresh_token']),
  client_assertion_type: z.literal(jwtBearer).optional(),
  client_assertion: z.string().optional(),
  subject_token_type: z.literal(idToken).optional(),
  subject_token: z.string().optional(),
  client_id: z.string().optional(),
  client_secret: z.string().optional(),
  redirect_uri: z.string().optional(),
  code: z.string().optional(),
  refresh_token: z.string().optional(),
  _access_token_expiry_ms: z.string().optional(),
  _refresh_token_expiry_ms: z.string().optional(),
  _refresh_tokens_validity_ms: z.string().optional(),
});
const tokenBody = z.object({
  access_token: z.string(),
  expires_in: z.string(),
  token_type: z.literal('Bearer'),
  issued_at: z.string().optional(),
  issued_token_type: z.string().optional(),
  refresh_token: z.string().optional(),
  refresh_token_expires_in: z.string().optional(),
  refresh_count: z.string().optional(),
});
const errorShape = z.object({ error: z.string(), error_description: z.string(), message_id: z.string() });

/** `POST /oauth2/token`: tokens for applications that sign, for people behind them, and new ones for refresh tokens. */
export function tokenOperation(parts: TokenServiceParts): Operation {
  return {
    name: operationName(parts.base, 'token'),
    method: 'POST',
    path: `${parts.base}/token`,
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
    },
    handle: (call) => answerGrant(parts, call, readForm(call)),
  };
}

/** Which flow a form belongs to. The steps of one flow are numbered; a form of no flow is told so at the end. */
async function answerGrant(parts: TokenServiceParts, call: Call, form: Form): Promise<Answer> {
  const grant = form.get('grant_type');
  if (grant === 'authorization_code') return answerCode(parts, call, form);
  if (grant === 'refresh_token') return answerRefresh(parts, call, form);
  const isExchange = form.get('subject_token_type') === idToken;
  if (!isExchange && grant === tokenExchange) throw refuse(generalErrors.subjectTokenType);
  if (!isExchange && grant !== 'client_credentials')
    throw refuse(grant ? generalErrors.unsupportedGrant : generalErrors.noGrant);
  if (form.get('client_assertion_type') !== jwtBearer) throw refuse(assertionErrors.type);
  if (isExchange && grant !== tokenExchange) throw refuse(assertionErrors.grant);
  const client = await authenticateClient(parts, form.get('client_assertion'), audienceOf(parts, call), call.now);
  call.principal = principalOfClient(client);
  return isExchange ? exchange(parts, call, form, client) : issue(parts, call, form, client);
}

function audienceOf({ issuerBase, scheme, base }: TokenServiceParts, call: Call): string {
  return `${issuerBase ?? `${scheme}://${header(call, 'host') ?? ''}`}${base}/token`;
}

/** Steps 75 and 100, and the token. */
async function issue(parts: TokenServiceParts, call: Call, form: Form, known: Application): Promise<Answer> {
  const principal = principalOfApplication(await asOfNow(parts, known));
  const life = shortened(accessMillis, form.get('_access_token_expiry_ms'));
  const token = await parts.tokens.issue(principal, life / 1000);
  call.principal = principal;
  return {
    status: 200,
    body: { access_token: token, expires_in: expiresIn(life), token_type: 'Bearer', issued_at: String(call.now) },
  };
}

/** Steps 40 to 100, and the tokens of a separate log-on. */
async function exchange(parts: TokenServiceParts, call: Call, form: Form, known: Application): Promise<Answer> {
  const jwt = readSubjectToken(form.get('subject_token'), call.now);
  const provider = await verifySubjectToken(parts, jwt);
  const client = await asOfNow(parts, known);
  call.principal = personBefore(client, provider.kind, jwt.claims);
  call.subject = call.principal.nhsNumber ?? '';
  const { given, principal } = await exchangeToken(parts, client, jwt, provider, livesWanted(form), call.now);
  call.principal = principal;
  const { access_token, expires_in, token_type, refresh_token, refresh_token_expires_in, refresh_count } = given;
  const issued_token_type = 'urn:ietf:params:oauth:token-type:access_token';
  const told = { access_token, expires_in, issued_token_type, token_type };
  return { status: 200, body: { ...told, refresh_token, refresh_token_expires_in, refresh_count } };
}

/** Fetching keys may have taken seconds: what the application may have now counts. */
async function asOfNow({ applications }: TokenServiceParts, known: Application): Promise<Application> {
  const client = await applications.find(known.appId);
  if (!client) throw refuse(assertionErrors.unknownClient);
  return client;
}
