/**
 * The address to send a browser back to: one registered for the client, its own query left as it was registered (RFC 6749,
 * section 3.1.2), with the parameters that are there.
 */
export function backTo(redirectUri: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const url = new URL(redirectUri);
  const added = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) added.append(name, value);
  url.search = url.search === '' ? added.toString() : `${url.search}&${added}`;
  return url.href;
}
