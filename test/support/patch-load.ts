import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { pdsBase } from './spine.ts';

/** An update that the Spine acknowledged: which request made which version, with which family name. */
export type Acknowledged = {
  readonly nhsNumber: string;
  readonly requestId: string;
  readonly version: number;
  readonly family: string;
};

export type PatchLoad = {
  readonly updates: Acknowledged[];
  /** Request ids of the reads that were answered. */
  readonly reads: { nhsNumber: string; requestId: string }[];
  /** Requests without an answer, or with one of 5xx, each of which was then repeated. */
  failures: number;
  /** Answers that no fault excuses. */
  readonly anomalies: string[];
  /** Lets the requests under way come to their end. */
  stop(): Promise<void>;
};

/**
 * Updates each patient's family name again and again, one change at a time, each followed by a read that must show it. A
 * request without an answer is repeated with the same id until it has one, as a client must.
 */
export function patchLoad(url: string, token: string, patients: readonly string[], firstVersion: number): PatchLoad {
  let goesOn = true;
  const load: PatchLoad = {
    updates: [],
    reads: [],
    failures: 0,
    anomalies: [],
    stop: async () => {
      goesOn = false;
      await all;
    },
  };
  const ask = async (path: string, requestId: string, init: RequestInit): Promise<Response> => {
    const until = performance.now() + 25_000;
    for (;;) {
      try {
        const headers = { authorization: `Bearer ${token}`, 'x-request-id': requestId, ...init.headers };
        const response = await fetch(`${url}${pdsBase}${path}`, {
          ...init,
          headers,
          signal: AbortSignal.timeout(10_000),
        });
        if (response.status < 500) return response;
        await response.text();
      } catch {
        // refused, reset or timed out
      }
      load.failures++;
      if (performance.now() > until) throw new Error('no answer within 25 s');
      await pause(50);
    }
  };
  const work = async (nhsNumber: string) => {
    for (let version = firstVersion; goesOn; version++) {
      const [update, read] = [randomUUID(), randomUUID()];
      const family = familyFor(version + 1);
      const answer = await ask(`/Patient/${nhsNumber}`, update, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json-patch+json', 'if-match': `W/"${version}"` },
        body: JSON.stringify({
          patches: [
            { op: 'replace', path: '/name/0/id', value: 'AA000001' },
            { op: 'replace', path: '/name/0/family', value: family },
          ],
        }),
      });
      const text = await answer.text();
      if (answer.status !== 200 || answer.headers.get('etag') !== `W/"${version + 1}"`) {
        load.anomalies.push(`${nhsNumber} version ${version}: ${answer.status} ${answer.headers.get('etag')} ${text}`);
        return;
      }
      load.updates.push({ nhsNumber, requestId: update, version: version + 1, family });
      const seen = await ask(`/Patient/${nhsNumber}`, read, {});
      const body = (await seen.json()) as { name?: { family?: string }[] };
      if (body.name?.[0]?.family !== family)
        load.anomalies.push(`${nhsNumber}: read ${JSON.stringify(body.name)} after ${family} was acknowledged`);
      load.reads.push({ nhsNumber, requestId: read });
    }
  };
  const all = Promise.all(
    patients.map((nhsNumber) =>
      work(nhsNumber).catch((error: Error) => load.anomalies.push(`${nhsNumber}: ${error.message}`)),
    ),
  );
  return load;
}

/** A family name that says its version, in letters. */
function familyFor(version: number): string {
  return `Osgathorpe${[...String(version)].map((digit) => String.fromCharCode(97 + Number(digit))).join('')}`;
}
