/** A browser for tests: cookies by origin and path, redirects followed by hand, forms posted as they stand. */
export class BrowserJar {
  readonly #cookies = new Map<string, { name: string; value: string; path: string }>();

  /** Posts JSON, as a script of the page does. */
  openJson(address: string, body: object): Promise<Response> {
    return this.#ask(address, JSON.stringify(body), { 'content-type': 'application/json' });
  }

  /** Asks for an address as a browser would, without following redirects. */
  open(address: string, form?: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
    return this.#ask(address, form && new URLSearchParams(form), headers);
  }

  async #ask(
    address: string,
    body: URLSearchParams | string | undefined,
    headers: Record<string, string>,
  ): Promise<Response> {
    const url = new URL(address);
    const sent = [...this.#cookies.values()].filter(({ path }) => url.pathname.startsWith(path));
    const response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      headers: {
        cookie: sent.map(({ name, value }) => `${name}=${value}`).join('; '),
        accept: 'text/html',
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    for (const line of response.headers.getSetCookie()) this.#keep(line, url);
    return response;
  }

  /** Posts JSON as a page's script would; what was answered. */
  async script(address: string, body: object): Promise<{ status: number; body: Record<string, unknown> }> {
    const url = new URL(address);
    const sent = [...this.#cookies.values()].filter(({ path }) => url.pathname.startsWith(path));
    const cookie = sent.map(({ name, value }) => `${name}=${value}`).join('; ');
    const headers = { cookie, accept: 'application/json', 'content-type': 'application/json' };
    const response = await fetch(url, { method: 'POST', redirect: 'manual', headers, body: JSON.stringify(body) });
    for (const line of response.headers.getSetCookie()) this.#keep(line, url);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  /** Follows redirects until a page, or an address that starts with `until`, whose response is not asked for. */
  async follow(address: string, until: string, form?: Record<string, string>): Promise<Landing> {
    let [url, sent] = [address, form];
    for (let hop = 0; hop < 10; hop++) {
      if (url.startsWith(until)) return { url, status: 0, html: '' };
      const response = await this.open(url, sent);
      const location = response.headers.get('location');
      if (location === null) return { url, status: response.status, html: await response.text() };
      [url, sent] = [new URL(location, url).href, undefined];
    }
    throw new Error('too many redirects');
  }

  /** The value of a cookie, whatever its path. */
  cookie(name: string): string | undefined {
    return [...this.#cookies.values()].find((one) => one.name === name)?.value;
  }

  setCookie(name: string, value: string, path = '/'): void {
    this.#cookies.set(`${name} ${path}`, { name, value, path });
  }

  #keep(line: string, url: URL): void {
    const [pair = '', ...attributes] = line.split(/;\s*/);
    const at = pair.indexOf('=');
    const path = attributes.find((one) => /^path=/i.test(one))?.slice(5) ?? url.pathname;
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    const isGone = value === '' || attributes.some((one) => /^expires=Thu, 01 Jan 1970/i.test(one));
    if (isGone) this.#cookies.delete(`${name} ${path}`);
    else this.#cookies.set(`${name} ${path}`, { name, value, path });
  }
}

export type Landing = { readonly url: string; readonly status: number; readonly html: string };

/** The address to which the form with this id posts. */
export function formAction(html: string, id: string): string {
  const tag = new RegExp(`<form[^>]*id="${id}"[^>]*>`).exec(html)?.[0] ?? '';
  const action = /action="([^"]*)"/.exec(tag)?.[1];
  if (action === undefined) throw new Error(`There is no form ${id} in: ${html.slice(0, 600)}`);
  return action.replaceAll('&amp;', '&');
}
