import { parseArgs } from 'node:util';
import { type RevocationReason, revocationReasons } from '../../services/cis/index.ts';
import {
  fingerprintOf,
  issueCertificate,
  readCertificate,
  readCertificateRequest,
  registerCertificate,
  shownCertificates,
  withdrawCertificate,
} from '../../services/mesh/index.ts';
import type { Io } from '../command.ts';
import { type AtRegister, atRegister, Failure, noMailbox, only, textOf, UsageError } from './at-register.ts';

/** Why a certificate is withdrawn, as its revocation list says it. */
export const reasons: readonly RevocationReason[] = revocationReasons;

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

/** `openspine mailbox certificate`: the client certificates of mailboxes, and the authority that issues them. */
export async function certificate([verb, ...args]: string[], io: Io): Promise<number> {
  if (verb === 'issue') return await issue(args, io);
  if (verb === 'register') return await register(args, io);
  if (verb === 'list') return await list(args, io);
  if (verb === 'withdraw') return await withdraw(args, io);
  if (verb === 'authority') return await authority(args, io);
  throw new UsageError('Write certificate issue, register, list, withdraw or authority; see openspine mailbox --help.');
}

const mailboxAt = ({ register }: AtRegister, mailboxId: string) => {
  const mailbox = register.directory.find(mailboxId);
  if (!mailbox) throw noMailbox(mailboxId);
  return mailbox;
};

async function issue(args: string[], io: Io): Promise<number> {
  const { values, positionals } = parseArgs({ args, options: { json: flag }, allowPositionals: true });
  const [mailboxId = '', path = ''] = only(positionals, 'the mailbox', 'the file of the signing request');
  const csr = await textOf(path);
  const issued = await atRegister(io, async (at) => {
    const mailbox = mailboxAt(at, mailboxId);
    const request = await readCertificateRequest(csr, mailbox);
    if ('fault' in request) throw new Failure(`${path}: ${request.fault}.`);
    return issueCertificate(at.register, mailbox, request, at.noteOf('mesh.issue-certificate', mailboxId));
  });
  const { fingerprint, name, notAfter, pem, authority } = issued;
  const until = new Date(notAfter).toISOString();
  if (values.json)
    io.out(JSON.stringify({ mailboxId, fingerprint, name, notAfter: until, certificate: pem, authority }));
  else {
    io.err(`Issued and registered for ${mailboxId}: ${name}, until ${until}, fingerprint ${fingerprint}.`);
    io.out(pem.trimEnd());
  }
  return 0;
}

async function register(args: string[], io: Io): Promise<number> {
  const { positionals } = parseArgs({ args, options: {}, allowPositionals: true });
  const [mailboxId = '', path = ''] = only(positionals, 'the mailbox', 'the file of the certificate');
  const pem = await textOf(path);
  const [registered, read] = await atRegister(io, async (at) => {
    const read = readCertificate(pem, mailboxAt(at, mailboxId), at.now);
    if ('fault' in read) throw new Failure(`${path}: ${read.fault}.`);
    const certificate = { ...read, serial: await at.register.authority.serialOf(pem) };
    const note = at.noteOf('mesh.register-certificate', mailboxId);
    return [await registerCertificate(at.register, mailboxId, certificate, note), read] as const;
  });
  if (registered === 'withdrawn') throw new Failure(`${path}: it was withdrawn; have another issued.`);
  const words = registered === 'already' ? 'was registered before' : 'is registered';
  io.out(`${read.name} ${words} for ${mailboxId}; fingerprint ${read.fingerprint}.`);
  return 0;
}

async function list(args: string[], io: Io): Promise<number> {
  const { values, positionals } = parseArgs({ args, options: { json: flag }, allowPositionals: true });
  const [mailboxId = ''] = only(positionals, 'the mailbox');
  const rows = await atRegister(io, (at) => {
    mailboxAt(at, mailboxId);
    return shownCertificates(at.register, mailboxId);
  });
  if (values.json) io.out(JSON.stringify(rows));
  else
    for (const { fingerprint, name, notAfter, isWithdrawn } of rows)
      io.out(`${fingerprint} until ${notAfter.slice(0, 10)} ${isWithdrawn ? 'withdrawn ' : ''}${name}`);
  return 0;
}

async function withdraw(args: string[], io: Io): Promise<number> {
  const { values, positionals } = parseArgs({ args, options: { reason: text }, allowPositionals: true });
  const [mailboxId = '', given = ''] = only(positionals, 'the mailbox', 'the fingerprint of the certificate');
  const reason = reasons.find((one) => one === (values.reason ?? 'unspecified'));
  if (!reason) throw new UsageError(`--reason is one of ${reasons.join(', ')}, not "${values.reason}".`);
  const fingerprint = fingerprintOf(given);
  if (!/^[0-9a-f]{64}$/.test(fingerprint)) throw new UsageError('A fingerprint is 64 hexadecimal digits (SHA-256).');
  const [isGone, left] = await atRegister(io, async (at) => {
    mailboxAt(at, mailboxId);
    const note = at.noteOf('mesh.remove-certificate', mailboxId);
    const isGone = await withdrawCertificate(at.register, mailboxId, { fingerprint, reason }, note);
    return [isGone, at.register.directory.find(mailboxId)?.fingerprints] as const;
  });
  if (!isGone) throw new Failure(`${mailboxId} has no certificate of this fingerprint.`);
  const open = left ? '' : ' It has none any more: any other that the port lets in may call now.';
  io.out(`Withdrawn from ${mailboxId}: ${fingerprint}.${open}`);
  return 0;
}

async function authority(args: string[], io: Io): Promise<number> {
  parseArgs({ args, options: {} });
  io.out((await atRegister(io, ({ register, now }) => register.authority.pem(now))).trimEnd());
  return 0;
}
