import type { KeyObject } from 'node:crypto';
import type { Clock } from '../../../platform/clock/clock.ts';
import type { Queryable } from '../../../platform/db/database.ts';
import type { Outbound } from '../../../platform/http/outbound.ts';
import { type KeySet, keySetOf } from '../../../platform/identity/jwks.ts';
import type { Vault } from '../../../platform/identity/vault.ts';
import { allProviders, type ProviderRow } from './queries.ts';

export type ProviderKind = 'cis2' | 'nhs-login';

/** Makes an assertion of ours for a provider at which we have this client id. */
export type SignAssertion = (audience: string, clientId: string) => Promise<string>;

/** An identity provider as the token service sees it: its own two, or one of somebody else's that was registered. */
export type IdentityProvider = {
  readonly issuer: string;
  readonly kind: ProviderKind;
  /** One of the two that this Spine runs. */
  readonly isOwn: boolean;
  readonly clientId: string;
  /** How we prove who we are at its token address: a secret in the form, or an assertion made for `audience`. */
  readonly secret: string | undefined;
  readonly assertion: SignAssertion | undefined;
  readonly authorizationEndpoint: string | undefined;
  readonly tokenEndpoint: string | undefined;
  readonly userinfoEndpoint: string | undefined;
  readonly jwks: unknown;
  readonly jwksUri: string | undefined;
  /** How it is asked: over the network, or within this program. */
  readonly ask: Outbound;
};

/** The two providers that this Spine runs, as they are at this moment. */
export type OwnProviders = () => readonly IdentityProvider[];

/** One of this Spine's own providers as the token service sees it; asked without a network. */
export function ownProvider(
  kind: ProviderKind,
  issuer: string,
  assertion: SignAssertion,
  ask: Outbound,
): IdentityProvider {
  return {
    issuer,
    kind,
    isOwn: true,
    clientId: tokenServiceClient,
    secret: undefined,
    assertion,
    authorizationEndpoint: `${issuer}/authorize`,
    tokenEndpoint: `${issuer}/token`,
    userinfoEndpoint: kind === 'cis2' ? `${issuer}/userinfo` : undefined,
    jwks: undefined,
    jwksUri: `${issuer}/jwks`,
    ask,
  };
}

/** What the token service calls itself where a provider gave it no other name. */
const tokenServiceClient = 'openspine-token-service';

const staleMillis = 250;

type ProvidersParts = {
  readonly db: Queryable;
  readonly clock: Clock;
  readonly vault: Vault;
  readonly ask: Outbound;
  readonly own: OwnProviders;
  readonly assertion: SignAssertion;
};

/** Every identity provider whose word counts. */
export class IdentityProviders {
  readonly #parts: ProvidersParts;
  #loaded: { providers: IdentityProvider[]; readAt: number } | undefined;

  constructor(parts: ProvidersParts) {
    this.#parts = parts;
  }

  /** The provider with this issuer; undefined when its word counts for nothing. */
  async byIssuer(issuer: unknown): Promise<IdentityProvider | undefined> {
    return (await this.all()).find((provider) => provider.issuer === issuer);
  }

  /** The provider at which people of this kind log on: the one registered last with addresses, or our own. */
  async forLogOn(kind: ProviderKind): Promise<IdentityProvider | undefined> {
    return (await this.all()).find(
      (provider) => provider.kind === kind && provider.authorizationEndpoint !== undefined && provider.tokenEndpoint,
    );
  }

  /** All of them: those of others, the latest registered first, then our own. */
  async all(): Promise<readonly IdentityProvider[]> {
    const { db, clock, own } = this.#parts;
    const now = clock.wall();
    if (!this.#loaded || Math.abs(now - this.#loaded.readAt) >= staleMillis) {
      const rows = await allProviders(db);
      this.#loaded = { providers: rows.map((row) => this.#providerOf(row)), readAt: now };
    }
    return [...this.#loaded.providers, ...own()];
  }

  /** Reads the registered ones anew at the next look. */
  forget(): void {
    this.#loaded = undefined;
  }

  #providerOf(row: ProviderRow): IdentityProvider {
    const { vault, ask } = this.#parts;
    return {
      issuer: row.issuer,
      kind: row.kind as ProviderKind,
      isOwn: false,
      clientId: row.client_id ?? tokenServiceClient,
      secret: row.client_secret === null ? undefined : vault.open(row.client_secret, providerContext(row.issuer)),
      assertion: row.client_secret === null ? this.#parts.assertion : undefined,
      authorizationEndpoint: row.authorization_endpoint ?? undefined,
      tokenEndpoint: row.token_endpoint ?? undefined,
      userinfoEndpoint: row.userinfo_endpoint ?? undefined,
      jwks: row.jwks ?? undefined,
      jwksUri: row.jwks_uri ?? undefined,
      ask,
    };
  }
}

/** In whose name the secret of a provider is sealed. */
export const providerContext = (issuer: string): string => `provider ${issuer}`;

const keptMillis = 86_400_000;
const bounds = { millis: 5_000, bytes: 200_000 };
const algorithms = ['RS256', 'RS512'];

/** What looking for a provider's key came to. */
export type KeyFound =
  | { readonly is: 'found'; readonly key: KeyObject }
  | { readonly is: 'unknown' }
  | { readonly is: 'unreachable' };

const unknown: KeyFound = { is: 'unknown' };
const unreachable: KeyFound = { is: 'unreachable' };

/** The public keys of identity providers, kept a day; an unknown `kid` makes us look once more, so that keys may change. */
export class ProviderKeys {
  readonly #clock: Clock;
  readonly #kept = new Map<string, { keys: KeySet; at: number }>();
  readonly #underWay = new Map<string, Promise<KeySet | undefined>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async find(provider: IdentityProvider, kid: unknown): Promise<KeyFound> {
    if (typeof kid !== 'string') return unknown;
    const given = provider.jwks === undefined ? undefined : keySetOf(provider.jwks, algorithms);
    const inGiven = given?.get(kid);
    if (inGiven) return { is: 'found', key: inGiven };
    const { jwksUri } = provider;
    if (jwksUri === undefined) return given ? unknown : unreachable;
    const kept = this.#kept.get(jwksUri);
    const isFresh = kept && Math.abs(this.#clock.now() - kept.at) < keptMillis;
    const inKept = isFresh ? kept.keys.get(kid) : undefined;
    if (inKept) return { is: 'found', key: inKept };
    const fetched = await this.#fetchOnce(provider, jwksUri);
    if (!fetched) return isFresh || given ? unknown : unreachable;
    const key = fetched.get(kid);
    return key ? { is: 'found', key } : unknown;
  }

  /** Whether the provider's keys can be had right now. */
  async isReachable(provider: IdentityProvider): Promise<boolean> {
    if (provider.jwksUri === undefined) return provider.jwks !== undefined;
    return (await this.#fetchOnce(provider, provider.jwksUri)) !== undefined;
  }

  forget(): void {
    this.#kept.clear();
  }

  #fetchOnce(provider: IdentityProvider, uri: string): Promise<KeySet | undefined> {
    let fetching = this.#underWay.get(uri);
    if (!fetching) {
      fetching = this.#fetch(provider, uri).finally(() => this.#underWay.delete(uri));
      this.#underWay.set(uri, fetching);
    }
    return fetching;
  }

  async #fetch({ ask }: IdentityProvider, uri: string): Promise<KeySet | undefined> {
    try {
      const answer = await ask({ url: uri, ...bounds });
      const keys = answer.status === 200 ? keySetOf(JSON.parse(answer.body.toString('utf8')), algorithms) : undefined;
      if (keys) this.#kept.set(uri, { keys, at: this.#clock.now() });
      return keys;
    } catch {
      return undefined;
    }
  }
}
