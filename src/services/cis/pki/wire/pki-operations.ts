import type { Clock } from '../../../../platform/clock/clock.ts';
import type { Database } from '../../../../platform/db/database.ts';
import type { Answer, Call, Operation } from '../../../../platform/http/operation.ts';
import type { CardAuthority } from '../authority.ts';
import { answerOcsp, type OnRecord, ocspFault, readOcspRequest } from '../ocsp.ts';
import { certificatesBySerial, revokedRows } from '../queries-cards.ts';
import { type Revoked, revocationLists } from '../revocation-list.ts';

export type PkiParts = {
  readonly db: Database;
  readonly clock: Clock;
  readonly authority: () => Promise<CardAuthority>;
};

const longestRequest = 10_000;

/** What card certificates point to: revocation list, OCSP responder, the authority's own certificates. */
export function pkiOperations({ db, clock, authority }: PkiParts): Operation[] {
  const currentList = revocationLists(clock, async (now) => {
    const { issuer } = await authority();
    const rows = await revokedRows(db, now);
    return {
      issuer,
      revoked: rows.map(({ serial, revoked_at, revocation_reason }) =>
        revokedOf(serial, revoked_at, revocation_reason),
      ),
    };
  });
  const ocsp = async (der: Buffer | undefined): Promise<Answer> => {
    const request = der && readOcspRequest(der);
    if (!request) return ocspAnswer(ocspFault('malformed'));
    const rows = await certificatesBySerial(db, request.serials);
    const onRecord: OnRecord = new Map(
      rows.map(({ serial, revoked_at, revocation_reason }) => [
        serial,
        { revoked: revoked_at === null ? undefined : revokedOf(serial, revoked_at, revocation_reason ?? '') },
      ]),
    );
    return ocspAnswer(await answerOcsp((await authority()).issuer, request.asked, onRecord, clock.now()));
  };
  const open = { access: 'open', audit: 'none' } as const;
  const derOf = (contentType: string, body: Buffer): Answer => ({ status: 200, contentType, body });
  return [
    {
      ...open,
      name: 'cis.card-revocation-list',
      method: 'GET',
      path: '/cis2/pki/crl',
      summary: 'The revocation list of card certificates (RFC 5280, DER)',
      answers: { 200: { summary: 'application/pkix-crl' } },
      handle: async () => derOf('application/pkix-crl', await currentList()),
    },
    {
      ...open,
      name: 'cis.card-status',
      method: 'POST',
      path: '/cis2/pki/ocsp',
      summary: 'Whether card certificates are revoked (OCSP, RFC 6960)',
      bodyBytes: longestRequest,
      answers: { 200: { summary: 'application/ocsp-response' } },
      handle: (call) => ocsp(call.body),
    },
    {
      ...open,
      name: 'cis.card-status-get',
      method: 'GET',
      path: '/cis2/pki/ocsp/*',
      summary: 'As POST, with the request in base64 in the address (RFC 6960, appendix A)',
      answers: { 200: { summary: 'application/ocsp-response' } },
      handle: (call) => ocsp(requestInPath(call)),
    },
    {
      ...open,
      name: 'cis.card-issuing-certificate',
      method: 'GET',
      path: '/cis2/pki/issuing.crt',
      summary: 'The certificate that card certificates are signed with (DER)',
      answers: { 200: { summary: 'application/pkix-cert' } },
      handle: async () => derOf('application/pkix-cert', (await authority()).issuing),
    },
    {
      ...open,
      name: 'cis.card-root-certificate',
      method: 'GET',
      path: '/cis2/pki/root.crt',
      summary: 'The root of the card authority (DER)',
      answers: { 200: { summary: 'application/pkix-cert' } },
      handle: async () => derOf('application/pkix-cert', (await authority()).root),
    },
    {
      ...open,
      name: 'cis.card-chain',
      method: 'GET',
      path: '/cis2/pki/chain.pem',
      summary: 'Issuing and root certificate of the card authority (PEM)',
      answers: { 200: { summary: 'application/x-pem-file' } },
      handle: async () => ({ status: 200, contentType: 'application/x-pem-file', body: (await authority()).chainPem }),
    },
  ];
}

const ocspAnswer = (body: Buffer): Answer => ({ status: 200, contentType: 'application/ocsp-response', body });

const revokedOf = (serial: string, revokedAt: Date, reason: string): Revoked => ({
  serial,
  revokedAt: revokedAt.getTime(),
  reason,
});

function requestInPath(call: Call): Buffer | undefined {
  const text = call.params['*'] ?? '';
  return text.length <= longestRequest && /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined;
}
