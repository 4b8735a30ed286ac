import { randomInt, randomUUID } from 'node:crypto';
import type { Ask } from './http-client.ts';

/** Somebody the traffic asks for. */
export type Person = {
  readonly nhsNumber: string;
  readonly family: string;
  readonly given: string;
  readonly birthDate: string;
  readonly gender: string;
  readonly postcode: string;
};

/** A record the traffic updates: where its address line stands, and at which version it is. */
export type Target = { readonly nhsNumber: string; version: number; readonly addressId: string };

const base = '/personal-demographics/FHIR/R4';

/** The requests of PDS traffic, each drawn at random from the people and the targets. */
export class PdsTraffic {
  readonly #head: string;
  readonly #people: readonly Person[];
  readonly #targets: Target[];
  readonly #busy = new Set<Target>();

  constructor(token: string, people: readonly Person[], targets: Target[]) {
    this.#head = `Host: localhost\r\nAuthorization: Bearer ${token}\r\n`;
    this.#people = people;
    this.#targets = targets;
  }

  retrieve(): Ask {
    return this.#get('retrieve', `/Patient/${this.#anybody().nhsNumber}`);
  }

  searchExact(): Ask {
    const { family, given, birthDate, gender } = this.#anybody();
    return this.#search('search-exact', { family, given, birthdate: `eq${birthDate}`, gender });
  }

  searchFuzzy(): Ask {
    const { family, given, birthDate } = this.#anybody();
    return this.#search('search-fuzzy', {
      family: misspelt(family),
      given,
      birthdate: `eq${birthDate}`,
      '_fuzzy-match': 'true',
    });
  }

  /** A new first address line, on the version last seen. */
  patch(): Ask {
    let target: Target;
    do target = this.#targets[randomInt(this.#targets.length)] as Target;
    while (this.#busy.has(target) && this.#busy.size < this.#targets.length);
    this.#busy.add(target);
    const body = JSON.stringify({
      patches: [
        { op: 'replace', path: '/address/0/id', value: target.addressId },
        { op: 'replace', path: '/address/0/line/0', value: `${randomInt(1, 1000)} Bench Street` },
      ],
    });
    return {
      name: 'patch',
      bytes: `PATCH ${base}/Patient/${target.nhsNumber} HTTP/1.1\r\n${this.#head}X-Request-ID: ${randomUUID()}\r\nIf-Match: W/"${target.version}"\r\nContent-Type: application/json-patch+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      check: (status) => {
        this.#busy.delete(target);
        if (status === 200) target.version++;
        return status === 200;
      },
    };
  }

  /** The published mix of PDS: 80 retrieves, 15 searches, 5 updates of a hundred. */
  mix(): Ask {
    const draw = randomInt(100);
    if (draw < 80) return this.retrieve();
    if (draw < 95) return draw < 93 ? this.searchExact() : this.searchFuzzy();
    return this.patch();
  }

  #anybody(): Person {
    return this.#people[randomInt(this.#people.length)] as Person;
  }

  #search(name: string, query: Record<string, string>): Ask {
    return {
      ...this.#get(name, `/Patient?${new URLSearchParams(query)}`),
      check: (status, body) => status === 200 && body.length > 200,
    };
  }

  #get(name: string, path: string): Ask {
    return { name, bytes: `GET ${base}${path} HTTP/1.1\r\n${this.#head}X-Request-ID: ${randomUUID()}\r\n\r\n` };
  }
}

/** The name with one letter doubled: it sounds as before. */
function misspelt(name: string): string {
  const at = Math.min(name.length - 1, 2);
  return name.slice(0, at + 1) + name.charAt(at) + name.slice(at + 1);
}
