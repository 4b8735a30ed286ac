import { readFileSync } from 'node:fs';
import {
  type CertificateListener,
  type CertificateListenerOptions,
  listenForCertificates,
} from '../../../platform/http/certificate-listener.ts';
import type { Service } from '../../../platform/http/operation.ts';
import { smartcardWay } from '../log-on/smartcard-way.ts';
import type { LogOnWay } from '../log-on/way.ts';
import { pagesDialect } from '../pages/dialect.ts';
import type { CisParts } from '../parts.ts';
import type { StaffDirectory } from '../staff-directory.ts';
import { authorityOnce } from './authority.ts';
import { cardPort } from './card-port.ts';
import { day } from './card-states.ts';
import { Cards, type Ending } from './cards.ts';
import { forgetHandOvers } from './queries-hand-over.ts';
import { pkiOperations } from './wire/pki-operations.ts';

export type CardsOptions = Pick<CertificateListenerOptions, 'port' | 'host' | 'reusePort' | 'onError'>;

export type OpenedCards = {
  readonly way: LogOnWay;
  /** Revocation list, OCSP, the authority's certificates. */
  readonly services: readonly Service[];
  /** For the Registration Authority. */
  readonly cards: Cards;
  /** Opens the port that asks for card certificates; from then on the way is offered. Rejects where it cannot listen. */
  listenForCards(options: CardsOptions): Promise<CertificateListener>;
  /** A certificate of our own authority for this machine, where none was given. */
  localhostCertificate(): Promise<{ readonly cert: string; readonly key: string }>;
  /** Forgets what has had its time; to be done hourly. */
  readonly chore: (now: number) => Promise<unknown>;
};

/** Smartcards: their authority, their life, and logging on with them. */
export function openCards(
  parts: CisParts,
  { directory, endSessionsIn }: { readonly directory: Pick<StaffDirectory, 'find'> } & Pick<Ending, 'endSessionsIn'>,
): OpenedCards {
  const { config, db, vault, clock, audit, tokens, address } = parts;
  const authority = authorityOnce({ db, vault, clock, base: () => address.base });
  const cards = new Cards(authority, { tokens, endSessionsIn });
  let listener: CertificateListener | undefined;
  return {
    cards,
    way: smartcardWay({ db, cards, directory, address, port: () => listener?.port }),
    services: [
      {
        name: 'cis2-pki',
        title: 'Card authority',
        dialect: pagesDialect('/cis2/pki'),
        operations: pkiOperations({ db, clock, authority }),
      },
    ],
    localhostCertificate: async () => (await authority()).localhostCertificate(clock.wall()),
    async listenForCards(options) {
      const ours = await authority();
      const tls = config.tls
        ? { cert: readFileSync(config.tls.cert), key: readFileSync(config.tls.key) }
        : await ours.localhostCertificate(clock.wall());
      const handle = cardPort({ db, clock, audit, directory, authority });
      const opened = await listenForCertificates({ ...options, tls, authorities: ours.chainPem, handle });
      listener = opened;
      return {
        port: opened.port,
        close: () => {
          listener = undefined;
          return opened.close();
        },
      };
    },
    chore: (now) => forgetHandOvers(db, now - day),
  };
}
