import { parseArgs } from 'node:util';
import { VaultError } from '../platform/identity/vault.ts';
import {
  changePassword,
  createMailbox,
  readNewMailbox,
  readWorkflowId,
  registerWorkflow,
  setActive,
} from '../services/mesh/index.ts';
import type { Command, Io } from './command.ts';
import { atRegister, Failure, noMailbox, only, UsageError } from './mailbox/at-register.ts';
import { certificate, reasons } from './mailbox/certificate.ts';
import { quota } from './mailbox/quota.ts';

const help = `openspine mailbox: the MESH mailboxes of this installation

  openspine mailbox create ID --ods CODE [--name NAME] [--organisation NAME]   make one; its password is printed once
  openspine mailbox list [--ods CODE] [--json]                                 show them
  openspine mailbox password ID [--overlap MINUTES]                            a new password, printed once
  openspine mailbox deactivate ID --reason WORDS                               what waits in it becomes undeliverable
  openspine mailbox activate ID --reason WORDS
  openspine mailbox workflow ID WORKFLOW --role sender|receiver|both|none      whether it sends or receives it
  openspine mailbox quota ID [--messages N] [--bytes N] [--waiting N]          show its bounds, or set those given

  openspine mailbox certificate issue ID REQUEST                               a client certificate for a signing request
  openspine mailbox certificate register ID FILE                               one of another authority
  openspine mailbox certificate list ID [--json]
  openspine mailbox certificate withdraw ID FINGERPRINT [--reason REASON]      it opens nothing any more
  openspine mailbox certificate authority                                      for OPENSPINE_MESH_CLIENT_CA

  --overlap MINUTES  how long the password before holds too (0 to 10080, default 0); those before it hold as long as
                     was said, unless it is 0
  --messages, --bytes  so many a day (UTC); --waiting: bytes in its inbox; "none" for no bound
  --reason REASON    ${reasons.join(', ')}
  --json             write the answer as JSON

Processes that are running take a change over within 250 ms; each is recorded in the audit log.

Example:
  openspine mailbox create RXL01OT001 --ods RXL01 --name "Pathology"`;

/** `openspine mailbox`: makes, lists and changes mailboxes in the database of this installation. */
export const command: Command = {
  name: 'mailbox',
  summary: 'make, list and change MESH mailboxes',
  help,
  async run([verb, ...args], io) {
    try {
      if (verb === 'create') return await create(args, io);
      if (verb === 'list') return await list(args, io);
      if (verb === 'password') return await password(args, io);
      if (verb === 'deactivate' || verb === 'activate') return await active(verb, args, io);
      if (verb === 'workflow') return await workflow(args, io);
      if (verb === 'quota') return await quota(args, io);
      if (verb === 'certificate') return await certificate(args, io);
      throw new UsageError(
        'Write create, list, password, deactivate, activate, workflow, quota or certificate; see openspine mailbox --help.',
      );
    } catch (error) {
      const told = toldOf(error);
      if (!told) throw error;
      io.err(`openspine mailbox: ${told.words}`);
      return told.code;
    }
  },
};

function toldOf(error: unknown): { words: string; code: 1 | 2 } | undefined {
  const { code, message } = error as { code?: string; message: string };
  if (error instanceof UsageError) return { words: message, code: 2 };
  if (error instanceof Failure || error instanceof VaultError) return { words: message, code: 1 };
  if (code === '42P01' || code === '3F000')
    return { words: 'The database has no tables yet; run openspine migrate.', code: 1 };
  return undefined;
}

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

async function create(args: string[], io: Io): Promise<number> {
  const options = { ods: text, org: text, name: text, organisation: text, billing: text, json: flag } as const;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [mailboxId] = only(positionals, 'the mailbox');
  const wish = readNewMailbox({
    mailboxId,
    odsCode: values.ods,
    orgCode: values.org,
    name: values.name,
    orgName: values.organisation,
    billingEntity: values.billing,
  });
  if ('fault' in wish) throw new UsageError(`${wish.fault}.`);
  const made = await atRegister(io, ({ register, noteOf }) =>
    createMailbox(register, wish, noteOf('mesh.create-mailbox', wish.mailboxId)),
  );
  if (made === undefined)
    throw new Failure(
      `There is a mailbox ${wish.mailboxId} already; if its password was lost, openspine mailbox password makes a new one.`,
    );
  if (values.json) io.out(JSON.stringify({ mailboxId: wish.mailboxId, password: made }));
  else io.out(`Made ${wish.mailboxId}. Its password (the only copy): ${made}`);
  return 0;
}

async function list(args: string[], io: Io): Promise<number> {
  const { values } = parseArgs({ args, options: { ods: text, json: flag } });
  const all = await atRegister(io, async ({ register }) => register.directory.all());
  const rows = all
    .filter((one) => values.ods === undefined || one.odsCode === values.ods.toUpperCase())
    .sort((one, other) => (one.mailboxId < other.mailboxId ? -1 : 1));
  if (values.json) {
    const shown = rows.map(({ mailboxId, odsCode, name, isActive }) => ({ mailboxId, odsCode, name, isActive }));
    io.out(JSON.stringify(shown));
  } else
    for (const { mailboxId, odsCode, name, isActive } of rows)
      io.out(`${mailboxId.padEnd(16)} ${odsCode.padEnd(8)} ${isActive ? 'active' : 'off   '} ${name}`.trimEnd());
  return 0;
}

async function password(args: string[], io: Io): Promise<number> {
  const options = { overlap: text, json: flag } as const;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [mailboxId = ''] = only(positionals, 'the mailbox');
  const minutes = Number(values.overlap ?? 0);
  if (!Number.isInteger(minutes) || minutes < 0 || minutes > 10_080)
    throw new UsageError('--overlap is 0 to 10080 minutes.');
  const made = await atRegister(io, ({ register, noteOf }) =>
    changePassword(register, mailboxId, minutes * 60_000, noteOf('mesh.change-mailbox-password', mailboxId)),
  );
  if (made === undefined) throw noMailbox(mailboxId);
  if (typeof made !== 'string')
    throw new Failure(
      `As many earlier passwords of ${mailboxId} hold as may, the next until ${new Date(made.fullUntil).toISOString()}; wait for that, or end them all with --overlap 0.`,
    );
  if (values.json) io.out(JSON.stringify({ mailboxId, password: made }));
  else io.out(`The new password of ${mailboxId} (the only copy): ${made}`);
  return 0;
}

async function active(verb: 'activate' | 'deactivate', args: string[], io: Io): Promise<number> {
  const { values, positionals } = parseArgs({ args, options: { reason: text }, allowPositionals: true });
  const [mailboxId = ''] = only(positionals, 'the mailbox');
  const reason = values.reason?.trim() ?? '';
  if (reason.length < 3 || reason.length > 500) throw new UsageError('--reason says why, in 3 to 500 characters.');
  const isChanged = await atRegister(io, ({ register, noteOf }) => {
    if (!register.directory.find(mailboxId)) throw noMailbox(mailboxId);
    return setActive(register, mailboxId, verb === 'activate', reason, noteOf(`mesh.${verb}-mailbox`, mailboxId));
  });
  io.out(isChanged ? `${mailboxId} is ${verb}d.` : `${mailboxId} was ${verb}d before.`);
  return 0;
}

const roles: Readonly<Record<string, { sends: boolean; receives: boolean }>> = {
  sender: { sends: true, receives: false },
  receiver: { sends: false, receives: true },
  both: { sends: true, receives: true },
  none: { sends: false, receives: false },
};

async function workflow(args: string[], io: Io): Promise<number> {
  const { values, positionals } = parseArgs({ args, options: { role: text }, allowPositionals: true });
  const [mailboxId = '', given = ''] = only(positionals, 'the mailbox', 'the workflow');
  const workflowId = readWorkflowId(given);
  if (workflowId === undefined) throw new UsageError('A workflow id is 1 to 300 printable characters.');
  const role = Object.hasOwn(roles, values.role ?? '') ? roles[values.role as string] : undefined;
  if (!role) throw new UsageError('--role is sender, receiver, both or none.');
  await atRegister(io, ({ register, noteOf }) => {
    if (!register.directory.find(mailboxId)) throw noMailbox(mailboxId);
    const note = noteOf('mesh.register-workflow', mailboxId);
    return registerWorkflow(register, mailboxId, { workflowId, ...role }, note);
  });
  io.out(`${mailboxId} is registered for ${workflowId}: ${values.role}.`);
  return 0;
}
