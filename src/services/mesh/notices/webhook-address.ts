/** Reads an address for notices; or why it is none. `isGuarded` (production): https only. */
export function readWebhookAddress(
  text: string,
  { isGuarded }: { isGuarded: boolean },
): { readonly url: string } | { readonly fault: string } {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) return { fault: 'it is no https address' };
  if (isGuarded && url.protocol !== 'https:') return { fault: 'https is required' };
  if (url.username !== '' || url.password !== '') return { fault: 'it holds a user name' };
  if (url.hash !== '') return { fault: 'it holds a fragment' };
  return url.href.length > 500 ? { fault: 'it is longer than 500 characters' } : { url: url.href };
}
