import type { Answer, Call } from '../../../platform/http/operation.ts';
import type { Html } from '../pages/html.ts';

/** What a way of logging on proved: who, how strongly, with what. */
export type Proof = {
  readonly userId: string;
  /** Authentication assurance level reached. */
  readonly level: 1 | 2 | 3;
  /** Authenticators really used, as published in `amr` (e.g. `FIDO2`, `N3_SMARTCARD`, `TOTP`). */
  readonly amr: readonly string[];
  /** Which of the user's authenticators it was; for the audit and the user's own list. */
  readonly authenticatorId?: string | undefined;
};

/** One log-on under way at the staff identity provider, in one browser. */
export type LogOnAttempt = {
  /** The provider's name for it; part of the page's address. */
  readonly id: string;
  /** SHA-256 (base64url) of the cookie that binds the attempt to its browser. */
  readonly browser: string;
  /** The application that asked. */
  readonly clientName: string;
  /** Levels the application accepts (from `acr_values`), least first. */
  readonly levels: readonly (1 | 2 | 3)[];
  /** Authenticators the application accepts by name (`AAL3_FIDO2` → FIDO2); undefined: any. */
  readonly only: readonly string[] | undefined;
  /** Who must log on again, where it is a step-up or re-authentication of a known user. */
  readonly userId: string | undefined;
  /** Address of the attempt's page, without a slash at the end; routes are below it. */
  readonly address: string;
  /** Ends the attempt with this proof: where the browser goes next. Throws a Refusal when the proof does not suffice. */
  finish(call: Call, proof: Proof): Promise<string>;
};

/** Something the page of an attempt asks of us; `path` is below the attempt's address, e.g. `/passkey/options`. */
export type LogOnRoute = {
  /** The operation's name, `cis.<verb>`. */
  readonly name: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly summary: string;
  readonly handle: (call: Call, attempt: LogOnAttempt) => Promise<Answer>;
};

/** One way of logging on: its part of the page, and the routes that part uses. */
export type LogOnWay = {
  readonly name: 'passkey' | 'phone' | 'smartcard' | 'password' | 'sandbox-user';
  isOffered(attempt: LogOnAttempt): boolean;
  panel(attempt: LogOnAttempt): Html;
  readonly routes: readonly LogOnRoute[];
};

/** Who is logged on to the staff identity provider in this browser, for the pages on which people look after themselves. */
export type BrowserSession = {
  readonly userId: string;
  readonly level: 1 | 2 | 3;
  readonly amr: readonly string[];
  /** Milliseconds since 1970. */
  readonly loggedOnAt: number;
  readonly sid: string;
};
export type SessionOf = (call: Call) => Promise<BrowserSession | undefined>;
