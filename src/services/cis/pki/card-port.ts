import { X509Certificate } from 'node:crypto';
import type { AuditLog } from '../../../platform/audit/audit-log.ts';
import type { Clock } from '../../../platform/clock/clock.ts';
import type { Database } from '../../../platform/db/database.ts';
import { insertEvents } from '../../../platform/events/outbox.ts';
import type { CertificateAnswer, CertificateRequest } from '../../../platform/http/certificate-listener.ts';
import type { StaffDirectory } from '../staff-directory.ts';
import type { CardAuthority } from './authority.ts';
import type { CardState } from './card-states.ts';
import { standingOf } from './card-states.ts';
import { usages } from './certificates.ts';
import { type Bound, giveProof, takeTicket } from './hand-over.ts';
import { type CardFault, type CertificateFacts, faultOf } from './judge-certificate.ts';
import { cardRow, certificatesBySerial } from './queries-cards.ts';

export type CardPortParts = {
  readonly db: Database;
  readonly clock: Clock;
  readonly audit: AuditLog;
  readonly directory: Pick<StaffDirectory, 'find'>;
  readonly authority: () => Promise<CardAuthority>;
};

const path = /^\/cis2\/card\/([A-Za-z0-9_-]{43})$/;

/**
 * What the card port does: takes the ticket, looks at the certificate the handshake proved, records what it found, and
 * sends the browser back to its log-on, with a proof or with the reason why not.
 */
export function cardPort(parts: CardPortParts): (request: CertificateRequest) => Promise<CertificateAnswer> {
  return async (request) => {
    const ticket = path.exec(request.path)?.[1];
    if (ticket === undefined || request.method !== 'GET')
      return plain(404, 'There is nothing here. Begin at the application you want to use.');
    const now = parts.clock.now();
    const bound = await takeTicket(parts.db, ticket, now);
    if (!bound) {
      await record(parts, '', 'CARD_TICKET', 403);
      return plain(403, 'This address was used before or is too old. Go back to the log-on page and try again.');
    }
    const certificate = request.certificate && parsed(request.certificate);
    const kept = certificate && (await keptOf(parts, certificate));
    const facts = certificate && (await factsOf(parts, certificate, kept));
    const fault = faultOf(facts, now);
    // who it is counts as known only where the certificate is the one we issued
    const userId = facts?.isOurs && kept ? kept.user_id : '';
    if (fault !== undefined || !kept) return await refuse(parts, bound, fault ?? 'unknown', userId);
    const proof = await giveProof(parts.db, bound, { userId, cardNumber: kept.card_number }, now);
    await record(parts, userId, 'allowed', 303);
    return to(`${bound.returnTo}/card/done?proof=${proof}`);
  };
}

async function refuse(
  parts: CardPortParts,
  bound: Bound,
  fault: CardFault,
  userId: string,
): Promise<CertificateAnswer> {
  if (userId !== '') {
    const happenedAt = parts.clock.now();
    const body = { userId, fault };
    await parts.db.query(insertEvents([{ subject: userId, kind: 'cis.card-refused', happenedAt, body }]));
  }
  await record(parts, userId, `CARD_${fault.toUpperCase().replaceAll('-', '_')}`, 303);
  return to(`${bound.returnTo}/card/refused?why=${fault}`);
}

function parsed(der: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}

/** The certificate we issued under this serial number, if it is this very one. */
async function keptOf(parts: CardPortParts, certificate: X509Certificate) {
  const [row] = await certificatesBySerial(parts.db, [certificate.serialNumber.toLowerCase()]);
  return row?.certificate.equals(certificate.raw) ? row : undefined;
}

type Kept = NonNullable<Awaited<ReturnType<typeof keptOf>>>;

async function factsOf(
  parts: CardPortParts,
  certificate: X509Certificate,
  kept: Kept | undefined,
): Promise<CertificateFacts> {
  const issuing = new X509Certificate((await parts.authority()).issuing);
  const isOurs = isIssuedBy(certificate, issuing);
  const card = isOurs && kept ? await cardRow(parts.db, kept.card_number) : undefined;
  const holder = isOurs && kept ? await parts.directory.find(kept.user_id) : undefined;
  const notAfter = certificate.validToDate.getTime();
  return {
    isOurs,
    isAuthority: certificate.ca,
    isForClients: certificate.keyUsage?.includes(usages.clientAuth) ?? false,
    notBefore: certificate.validFromDate.getTime(),
    notAfter,
    kept: kept && { usage: kept.usage, revokedReason: kept.revocation_reason },
    standing: card && standingOf(card.state as CardState, notAfter, parts.clock.now()),
    isHolderActive: holder?.status === 'active',
  };
}

function isIssuedBy(certificate: X509Certificate, issuing: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuing) && certificate.verify(issuing.publicKey);
  } catch {
    // a signature of another algorithm than our key's
    return false;
  }
}

function record(parts: CardPortParts, userId: string, outcome: string, status: number): Promise<void> {
  const note = {
    nhsNumber: '',
    at: parts.clock.now(),
    operation: 'cis.show-card',
    outcome,
    status,
    mode: userId === '' ? 'none' : 'healthcare-worker',
    appId: '',
    odsCode: '',
    userId,
    roleId: '',
    purpose: '',
    requestId: '',
  };
  return parts.audit.record([note]);
}

const to = (location: string): CertificateAnswer => ({
  status: 303,
  headers: { location, 'referrer-policy': 'no-referrer' },
});

const plain = (status: number, body: string): CertificateAnswer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
  body: `${body}\n`,
});
