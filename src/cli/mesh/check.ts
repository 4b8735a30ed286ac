import { X509Certificate } from 'node:crypto';
import type { Io } from '../command.ts';
import type { Greeting, MeshMailbox } from './mesh-mailbox.ts';
import { ConnectionCut, Failure, Refusal, Untrusted } from './trouble.ts';

/** What is used, as far as it can be told of. */
export type Settings = {
  readonly url: URL;
  readonly mailboxId: string;
  readonly version: 1 | 2;
  /** Our certificate (PEM), where one is given. */
  readonly certificate: string | undefined;
};

const dayMillis = 86_400_000;

/** Makes one handshake, and says in words what is right and what is wrong. True where MESH lets the mailbox in. */
export async function check(mailbox: MeshMailbox, settings: Settings, isJson: boolean, io: Io): Promise<boolean> {
  const own = settings.certificate === undefined ? undefined : factsOf(settings.certificate);
  const now = Date.now();
  const facts = { url: settings.url.href, mailbox: settings.mailboxId, version: settings.version, certificate: own };
  let greeting: Greeting;
  try {
    greeting = await mailbox.greet();
  } catch (error) {
    if (!(error instanceof Error) || adviceOn(error, settings, now) === undefined) throw error;
    const advice = adviceOn(error, settings, now) as string;
    if (isJson) io.out(JSON.stringify({ ...facts, isRight: false, problem: error.message, advice }));
    else io.err(`openspine mesh: ${error.message}\n${advice}`);
    return false;
  }
  const { at, offers } = greeting;
  const clockSeconds = at === undefined ? undefined : Math.round((now - at) / 1000);
  if (isJson) io.out(JSON.stringify({ ...facts, isRight: true, clockSeconds, offers }));
  else {
    io.out(`${settings.url.href} lets ${settings.mailboxId} in (version ${settings.version} of the interface).`);
    if (own) io.out(certificateLine(own, now));
    if (clockSeconds !== undefined) io.out(clockLine(clockSeconds));
    if (offers.length > 0)
      io.out(`Beyond the published interface it offers ${offers.join(', ').replace(/\p{Cc}/gu, ' ')}.`);
  }
  return true;
}

type CertificateFacts = { readonly name: string; readonly until: string };

function factsOf(pem: string): CertificateFacts | undefined {
  try {
    const { subject, validToDate } = new X509Certificate(pem);
    const name = /^CN=(.+)$/m.exec(subject)?.[1] ?? subject;
    return { name: name.replace(/\p{Cc}/gu, ' '), until: validToDate.toISOString() };
  } catch {
    return undefined;
  }
}

function certificateLine({ name, until }: CertificateFacts, now: number): string {
  const days = Math.floor((Date.parse(until) - now) / dayMillis);
  return `The certificate ${name} holds until ${until}${days < 30 ? `: ${days} days more` : ''}.`;
}

function clockLine(seconds: number): string {
  if (Math.abs(seconds) <= 5) return 'The clocks agree.';
  const much =
    Math.abs(seconds) < 120 ? `${Math.abs(seconds)} seconds` : `${Math.round(Math.abs(seconds) / 60)} minutes`;
  return `The clock of this machine is ${much} ${seconds > 0 ? 'ahead of' : 'behind'} that of MESH; beyond two hours it refuses.`;
}

/** What to look at after a handshake that failed so; undefined for what is no fault of settings. */
export function adviceOn(error: Error, settings: Settings, now: number): string | undefined {
  if (error instanceof Refusal) return adviceOnRefusal(error, settings);
  if (error instanceof Untrusted) return adviceOnTrust(error.message, settings, now);
  if (error instanceof ConnectionCut) return adviceOnConnection(error.message, settings, now);
  if (error instanceof Failure) return `Look at --url: ${settings.url.href} is answered by something else than a MESH.`;
  return undefined;
}

function adviceOnRefusal({ status, complaint, message }: Refusal, { url, mailboxId }: Settings): string {
  const { code, words } = complaint;
  if (status === 429 || status >= 500) return 'MESH is there, but could not answer now: check again in some minutes.';
  if (code === 'EPL-151') return `Look at --mailbox: there is no mailbox ${mailboxId} at this MESH.`;
  if (/inactive mailbox/i.test(words))
    return `The mailbox ${mailboxId} was deactivated; whoever runs this MESH can say why.`;
  if (/certificate/i.test(words))
    return `Look at --cert: the mailbox ${mailboxId} may be called with a certificate that is registered for it and was not withdrawn.`;
  if (/clock/.test(message)) return 'Set the clock of this machine right: tokens are good for two hours.';
  if (/authentication token/i.test(words))
    return `Look at --password-file and --shared-key-file: the password is not that of ${mailboxId}, or the shared key not that of this environment.`;
  if (/accept header/i.test(words)) return 'Look at --api: this MESH does not speak that version.';
  if (status === 404) return `Look at --url: there is no MESH at ${url.href}; the path is usually /messageexchange.`;
  return status === 401 || status === 403
    ? `Look at --mailbox, its password and shared key; and at --url, where something in front of MESH may refuse.`
    : `Look at --url: a MESH does not answer a handshake so.`;
}

function adviceOnTrust(words: string, { certificate, url }: Settings, now: number): string {
  if (!words.startsWith('MESH does not take')) {
    if (/EXPIRED/.test(words))
      return 'The certificate of that MESH has run out, or the clock of this machine is wrong.';
    if (/ALTNAME|HOSTNAME/.test(words)) return `Look at --url: the certificate there is not one of ${url.hostname}.`;
    if (/SSL_(WRONG_VERSION|PACKET)/.test(words)) return `Look at --url: at ${url.host} is no MESH that speaks https.`;
    return 'Look at --ca: it must name the authority that issued the certificate of that MESH.';
  }
  return adviceOnOurs(certificate, now);
}

/** What may be wrong with our certificate where MESH does not take it. */
function adviceOnOurs(certificate: string | undefined, now: number): string {
  const own = certificate === undefined ? undefined : factsOf(certificate);
  if (own === undefined)
    return 'Look at --cert and --key: this MESH asks for a client certificate, and none was given.';
  if (Date.parse(own.until) <= now) return `Look at --cert: ${own.name} has run out on ${own.until.slice(0, 10)}.`;
  return `Look at --cert: ${own.name} is not of an authority that this MESH believes, or was withdrawn.`;
}

function adviceOnConnection(words: string, { url, certificate }: Settings, now: number): string {
  if (/nothing listens/.test(words)) return `Look at --url, and at whether MESH runs: nobody answers at ${url.host}.`;
  if (/no machine of that name/.test(words)) return `Look at --url: the name ${url.hostname} is not known here.`;
  if (/silence/.test(words))
    return `Nothing comes back from ${url.host}: a firewall may be between, or the address wrong.`;
  if (/speak TLS/.test(words)) return `Look at --url: at ${url.host} is no MESH that speaks https.`;
  if (/client's certificate/.test(words)) return adviceOnOurs(certificate, now);
  return `The connection to ${url.host} did not hold: check again, and look at --url and what is between.`;
}
