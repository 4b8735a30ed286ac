import type { Provider } from 'oidc-provider';
import type { Mount } from '../../../platform/http/operation.ts';
import type { OwnAddress } from '../../../platform/http/own-address.ts';
import { failureBehind } from './guard-answers.ts';
import type { KeyRing, SigningKeys } from './keys/signing-keys.ts';

/** The two identity providers, which are also the first parts of their paths. */
export type ProviderKind = 'cis2' | 'nhs-login';

export type BuiltFrom = { readonly issuer: string; readonly keys: KeyRing; readonly tokenServiceKeys: KeyRing };

/**
 * One identity provider at its path: built when first asked, because only then is the own address known, and built anew
 * when its keys have changed.
 */
export class ProviderHost {
  readonly kind: ProviderKind;
  readonly #address: OwnAddress;
  readonly #keys: SigningKeys;
  readonly #build: (from: BuiltFrom) => Provider;
  #built: { provider: Provider; of: string; answer: ReturnType<Provider['callback']> } | undefined;

  constructor(kind: ProviderKind, address: OwnAddress, keys: SigningKeys, build: (from: BuiltFrom) => Provider) {
    this.kind = kind;
    this.#address = address;
    this.#keys = keys;
    this.#build = build;
  }

  get issuer(): string {
    return `${this.#address.base}/${this.kind}`;
  }

  /** The provider with the keys that hold now. */
  async current(): Promise<Provider> {
    return (await this.#current()).provider;
  }

  async #current() {
    const keys = await this.#keys.ring(this.kind);
    const tokenServiceKeys = await this.#keys.ring('token-service');
    const of = [this.issuer, ...[...keys.published, ...tokenServiceKeys.published].map((key) => key.kid)].join(' ');
    if (this.#built?.of !== of) {
      const provider = this.#build({ issuer: this.issuer, keys, tokenServiceKeys });
      this.#built = { provider, of, answer: provider.callback() };
    }
    return this.#built;
  }

  /** Answers whatever is below the provider's path. Addresses in answers are our own, whatever Host the caller named. */
  readonly mount: Mount = async (request, response) => {
    const { answer } = await this.#current();
    const own = new URL(this.#address.base);
    for (const name of Object.keys(request.headers)) if (name.startsWith('x-forwarded-')) delete request.headers[name];
    request.headers.host = own.host;
    request.headers['x-forwarded-proto'] = own.protocol.slice(0, -1);
    await answer(request, response);
    const failure = failureBehind(request);
    // it was answered; the server writes down why it failed
    if (failure !== undefined) throw failure;
  };
}
