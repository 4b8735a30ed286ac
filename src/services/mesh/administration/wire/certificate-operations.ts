import type { Operation } from '../../../../platform/http/operation.ts';
import { readCertificate } from '../certificate.ts';
import type { RegisterParts } from '../change-register.ts';
import { registerCertificate, removeCertificate } from '../register-certificate.ts';
import { administered, administrators } from './dialect.ts';
import { administeredPath, noteFor, refusals } from './mailbox-operations.ts';
import { bodyAs } from './read.ts';
import { refuse } from './refusals.ts';
import { certificateShape } from './shapes.ts';

/** Registers and removes the client certificates of a mailbox. */
export function certificateOperations(parts: RegisterParts): Operation[] {
  return [registerOperation(parts), removeOperation(parts)];
}

function registerOperation(parts: RegisterParts): Operation {
  const name = 'mesh.register-certificate';
  return {
    name,
    method: 'POST',
    path: `${administeredPath}/certificates`,
    summary: 'Register a client certificate; from the first on, the mailbox is called with a registered one only',
    access: administrators,
    audit: 'write',
    input: { body: certificateShape },
    answers: { 201: { summary: 'The certificate' }, ...refusals, 409: { summary: 'It is registered already' } },
    async handle(call) {
      const mailbox = administered((id) => parts.directory.find(id), call, 'change');
      const { pem } = bodyAs(certificateShape, call);
      const certificate = readCertificate(pem, mailbox, call.now);
      if ('fault' in certificate) throw refuse(400, 'certificate', `pem: ${certificate.fault}`, 'pem');
      const note = noteFor(call, name, mailbox.mailboxId, 201);
      if (!(await registerCertificate(parts, mailbox.mailboxId, certificate, note)))
        throw refuse(409, 'taken', 'The certificate is registered already', 'pem');
      const body = { ...certificate, notAfter: new Date(certificate.notAfter).toISOString() };
      return { status: 201, body, isAudited: true };
    },
  };
}

function removeOperation(parts: RegisterParts): Operation {
  const name = 'mesh.remove-certificate';
  return {
    name,
    method: 'DELETE',
    path: `${administeredPath}/certificates/:fingerprint`,
    summary: 'Take a client certificate out; with the last one gone any client may call',
    access: administrators,
    audit: 'write',
    answers: { 204: { summary: 'Done' }, ...refusals },
    async handle(call) {
      const { mailboxId } = administered((id) => parts.directory.find(id), call, 'change');
      const fingerprint = (call.params.fingerprint as string).toLowerCase();
      const note = noteFor(call, name, mailboxId, 204);
      const isGone =
        /^[0-9a-f]{64}$/.test(fingerprint) && (await removeCertificate(parts, mailboxId, fingerprint, note));
      if (!isGone) throw refuse(404, 'certificate', 'There is no such certificate of this mailbox', 'fingerprint');
      return { status: 204, isAudited: true };
    },
  };
}
