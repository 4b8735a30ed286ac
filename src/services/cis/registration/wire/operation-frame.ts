import { z } from 'zod';
import type { Queryable } from '../../../../platform/db/database.ts';
import { type Answer, type Call, header, type Operation } from '../../../../platform/http/operation.ts';
import { noteOf } from '../../../../platform/http/server.ts';
import type { NationalRoles } from '../../rbac/national-roles.ts';
import { type Command, carryOut, type Done } from '../carry-out.ts';
import { refusal } from '../refusals.ts';
import type { RegistrationParts } from '../registration-parts.ts';
import type { Actor } from '../rules/authority.ts';
import { actorOf, base, staffInARole } from './dialect.ts';

export type By = { readonly actor: Actor; readonly now: number; readonly reason: string };

type VerbSpec<Body> = {
  readonly name: string;
  readonly path: string;
  readonly summary: string;
  readonly body: z.ZodType<Body>;
  readonly created?: boolean;
  run(
    tx: Queryable,
    by: By,
    body: Body,
    params: Readonly<Record<string, string>>,
    national: NationalRoles,
  ): Promise<Done>;
};

const refusals = {
  400: { summary: 'A value that cannot be taken; `expression` names the field' },
  401: { summary: 'No valid token, or no role could be settled' },
  403: { summary: 'A rule of the Registration Authority; `details.coding` names it' },
  404: { summary: 'There is no such thing' },
} as const;

/** An operation that changes something: `POST`, with an X-Request-ID whose repetition gets the first answer. */
export function changing<Body extends { reason?: string | undefined }>(
  parts: RegistrationParts,
  spec: VerbSpec<Body>,
): Operation {
  const operation: Operation = {
    name: `registration-authority.${spec.name}`,
    method: 'POST',
    path: `${base}${spec.path}`,
    summary: spec.summary,
    access: staffInARole,
    audit: 'write',
    input: { body: spec.body },
    answers: {
      [spec.created ? 201 : 200]: { summary: 'Done' },
      ...refusals,
      409: { summary: 'Not as things stand, or this X-Request-ID was used for something else' },
      501: { summary: 'This installation does not do that' },
    },
    async handle(call): Promise<Answer> {
      call.purpose = concerning(call);
      const actor = actorOf(call);
      const requestId = requestIdOf(call);
      const body = bodyOf(call, spec.body);
      const national = await parts.directory.nationalRoles();
      const command: Command = {
        actor,
        requestId,
        request: `${call.method} ${call.path}\n${call.body.toString('utf8')}`,
        reason: body.reason ?? '',
        now: call.now,
        auditNote: (status) => noteOf(call, operation, '', 'allowed', status),
      };
      return await carryOut(parts, command, (tx) =>
        spec.run(tx, { actor, now: call.now, reason: command.reason }, body, call.params, national),
      );
    },
  };
  return operation;
}

type LookSpec = {
  readonly name: string;
  readonly path: string;
  readonly summary: string;
  readonly query?: z.ZodType<Record<string, string | undefined>>;
  run(
    db: Queryable,
    by: By,
    query: Readonly<Record<string, string | undefined>>,
    params: Readonly<Record<string, string>>,
    national: NationalRoles,
  ): Promise<object>;
};

/** An operation that looks at something. */
export function looking(parts: RegistrationParts, spec: LookSpec): Operation {
  return {
    name: `registration-authority.${spec.name}`,
    method: 'GET',
    path: `${base}${spec.path}`,
    summary: spec.summary,
    access: staffInARole,
    audit: 'read',
    ...(spec.query ? { input: { query: spec.query } } : {}),
    answers: { 200: { summary: 'As it is' }, ...refusals },
    async handle(call): Promise<Answer> {
      call.purpose = concerning(call);
      const actor = actorOf(call);
      const query = queryOf(call, spec.query ?? z.strictObject({}));
      const national = await parts.directory.nationalRoles();
      const by = { actor, now: call.now, reason: '' };
      // in a transaction: the rules and what they allow are read of one moment
      const body = await parts.db.transaction((tx) => spec.run(tx, by, query, call.params, national));
      return { status: 200, body };
    },
  };
}

/** Whose identity or which position it is about, for the audit entry; nothing that is no id. */
function concerning({ params }: Call): string {
  const [name, id] = Object.entries(params)[0] ?? [];
  return id !== undefined && /^[0-9]{12}$/.test(id) ? `${name === 'userId' ? 'identity' : 'position'} ${id}` : '';
}

function requestIdOf(call: Call): string {
  const requestId = header(call, 'x-request-id');
  if (requestId === undefined || !/^[\x21-\x7e]{1,100}$/.test(requestId))
    throw refusal('body', 'X-Request-ID: up to 100 printable characters are needed.', 'X-Request-ID');
  return requestId;
}

function bodyOf<Body>(call: Call, shape: z.ZodType<Body>): Body {
  let parsed: unknown;
  try {
    parsed = JSON.parse(call.body.toString('utf8'));
  } catch {
    throw refusal('body', 'The body is not JSON.', 'body');
  }
  return checked(shape, parsed);
}

function queryOf(call: Call, shape: z.ZodType<Record<string, string | undefined>>) {
  return checked(shape, Object.fromEntries(new URLSearchParams(call.rawQuery)));
}

function checked<Value>(shape: z.ZodType<Value>, value: unknown): Value {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const path = [...(issue?.path ?? []), ...(unknown === undefined ? [] : [unknown])];
  const field = path.map(String).join('.').slice(0, 100).toWellFormed() || 'body';
  throw refusal('value', `${field}: ${unknown === undefined ? issue?.message : 'there is no such field'}`, field);
}
