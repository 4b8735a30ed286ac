import { z } from 'zod';
import type { Operation } from '../../../../platform/http/operation.ts';
import { type RevocationReason, revocationReasons } from '../../../cis/index.ts';
import { readCertificate } from '../certificate.ts';
import { readCertificateRequest } from '../certificate-request.ts';
import type { RegisterParts } from '../change-register.ts';
import type { ClientAuthority } from '../client-authority.ts';
import { issueCertificate } from '../issue-certificate.ts';
import { registerCertificate, withdrawCertificate } from '../register-certificate.ts';
import { administered, administrators, admitAdministrator, base, viewers } from './dialect.ts';
import { administeredPath, noteFor, refusals } from './mailbox-operations.ts';
import { bodyAs, queryAs } from './read.ts';
import { refuse } from './refusals.ts';
import { certificateShape, requestShape } from './shapes.ts';

export type CertificateParts = RegisterParts & { readonly authority: ClientAuthority };

/** Issues, registers and removes the client certificates of a mailbox. */
export function certificateOperations(parts: CertificateParts): Operation[] {
  return [authorityOperation(parts), issueOperation(parts), registerOperation(parts), removeOperation(parts)];
}

function authorityOperation({ authority }: CertificateParts): Operation {
  return {
    name: 'mesh.view-client-authority',
    method: 'GET',
    path: `${base}/client-authority`,
    summary: 'The certificate of the authority that issues client certificates, in PEM',
    access: viewers,
    audit: 'read',
    answers: { 200: { summary: 'Its certificate' }, 401: refusals[401], 403: refusals[403] },
    async handle(call) {
      admitAdministrator(call, 'view');
      return { status: 200, body: { certificate: await authority.pem(call.now) } };
    },
  };
}

function issueOperation(parts: CertificateParts): Operation {
  const name = 'mesh.issue-certificate';
  return {
    name,
    method: 'POST',
    path: `${administeredPath}/certificates/issue`,
    summary: 'Issue a client certificate for a signing request, and register it',
    access: administrators,
    audit: 'write',
    input: { body: requestShape },
    answers: { 201: { summary: 'The certificate and that of its authority' }, ...refusals },
    async handle(call) {
      const mailbox = administered((id) => parts.directory.find(id), call, 'change');
      const request = await readCertificateRequest(bodyAs(requestShape, call).csr, mailbox);
      if ('fault' in request) throw refuse(400, 'certificate', `csr: ${request.fault}`, 'csr');
      const issued = await issueCertificate(parts, mailbox, request, noteFor(call, name, mailbox.mailboxId, 201));
      const { fingerprint, name: issuedTo, notAfter, pem, authority } = issued;
      const until = new Date(notAfter).toISOString();
      const body = { fingerprint, name: issuedTo, notAfter: until, certificate: pem, authority };
      return { status: 201, body, isAudited: true };
    },
  };
}

function registerOperation(parts: CertificateParts): Operation {
  const name = 'mesh.register-certificate';
  return {
    name,
    method: 'POST',
    path: `${administeredPath}/certificates`,
    summary: 'Register a client certificate; from the first on, the mailbox is called with a registered one only',
    access: administrators,
    audit: 'write',
    input: { body: certificateShape },
    answers: {
      201: { summary: 'The certificate' },
      ...refusals,
      409: { summary: 'It is registered already, or was withdrawn' },
    },
    async handle(call) {
      const mailbox = administered((id) => parts.directory.find(id), call, 'change');
      const { pem } = bodyAs(certificateShape, call);
      const read = readCertificate(pem, mailbox, call.now);
      if ('fault' in read) throw refuse(400, 'certificate', `pem: ${read.fault}`, 'pem');
      const certificate = { ...read, serial: await parts.authority.serialOf(pem) };
      const note = noteFor(call, name, mailbox.mailboxId, 201);
      const registered = await registerCertificate(parts, mailbox.mailboxId, certificate, note);
      if (registered === 'already') throw refuse(409, 'taken', 'The certificate is registered already', 'pem');
      if (registered === 'withdrawn')
        throw refuse(409, 'withdrawn', 'The certificate was withdrawn; have another issued', 'pem');
      const body = { ...read, notAfter: new Date(read.notAfter).toISOString() };
      return { status: 201, body, isAudited: true };
    },
  };
}

const withdrawal = z.strictObject({
  reason: z
    .enum(revocationReasons as [RevocationReason, ...RevocationReason[]])
    .default('unspecified')
    .describe('as the revocation list says it (RFC 5280)'),
});

function removeOperation(parts: RegisterParts): Operation {
  const name = 'mesh.remove-certificate';
  return {
    name,
    method: 'DELETE',
    path: `${administeredPath}/certificates/:fingerprint`,
    summary: 'Withdraw a client certificate; one of our own authority is revoked, and gets in nowhere any more',
    access: administrators,
    audit: 'write',
    input: { query: withdrawal },
    answers: { 204: { summary: 'Done' }, ...refusals },
    async handle(call) {
      const { mailboxId } = administered((id) => parts.directory.find(id), call, 'change');
      const { reason } = queryAs(withdrawal, call);
      const fingerprint = (call.params.fingerprint as string).toLowerCase();
      const note = noteFor(call, name, mailboxId, 204);
      const isGone =
        /^[0-9a-f]{64}$/.test(fingerprint) &&
        (await withdrawCertificate(parts, mailboxId, { fingerprint, reason }, note));
      if (!isGone) throw refuse(404, 'certificate', 'There is no such certificate of this mailbox', 'fingerprint');
      return { status: 204, isAudited: true };
    },
  };
}
