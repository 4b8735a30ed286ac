import { type Ask, Connection } from './http-client.ts';

export type LoadPlan = {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  /** Requests a second to be begun whatever the answers do (open loop); as fast as answers come when undefined. */
  readonly rate?: number | undefined;
  /** Seconds at the beginning that are not counted. */
  readonly warmUp?: number;
};

export type LoadResult = {
  readonly ratePerSecond: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  readonly errors: number;
  readonly requests: number;
  /** Open loop: requests that were due and not begun when time was up. */
  readonly behind: number;
  /** The first answers that were not what they should be. */
  readonly samples?: readonly string[];
};

/**
 * Drives requests over so many connections and measures each from the moment it was due (open loop) or sent (closed
 * loop) to its answer. Times in milliseconds.
 */
export async function drive(plan: LoadPlan, next: (connection: number) => Ask): Promise<LoadResult> {
  const latencies: number[] = [];
  let errors = 0;
  const samples: string[] = [];
  let counted = 0;
  const began = performance.now();
  const countFrom = began + (plan.warmUp ?? 1) * 1000;
  const end = countFrom + plan.seconds * 1000;
  const connections = Array.from({ length: plan.connections }, () => new Connection(plan.host, plan.port));
  const note = (ask: Ask, dueAt: number, status: number, body: Buffer): void => {
    const now = performance.now();
    const isGood = ask.check ? ask.check(status, body) : status === 200;
    if (now < countFrom || now > end) return;
    counted++;
    if (!isGood) {
      errors++;
      const said = `${ask.name}: ${status} ${body.toString('utf8', 0, 400)}`;
      if (samples.length < 3) samples.push(said);
    }
    latencies.push(now - dueAt);
  };
  let behind = 0;
  if (plan.rate === undefined) {
    await Promise.all(
      connections.map(
        (connection, index) =>
          new Promise<void>((resolve) => {
            const go = () => {
              const sentAt = performance.now();
              if (sentAt >= end) return resolve();
              const ask = next(index);
              connection.send(ask.bytes, (status, body) => {
                note(ask, sentAt, status, body);
                go();
              });
            };
            go();
          }),
      ),
    );
  } else {
    behind = await openLoop(plan.rate, connections, began, end, next, note);
  }
  for (const connection of connections) connection.close();
  latencies.sort((a, b) => a - b);
  const at = (share: number) =>
    round(latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0);
  return {
    ratePerSecond: Math.round((counted - errors) / plan.seconds),
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    max: round(latencies.at(-1) ?? 0),
    errors,
    requests: counted,
    behind,
    ...(samples.length > 0 ? { samples } : {}),
  };
}

const round = (millis: number): number => Math.round(millis * 100) / 100;

function openLoop(
  rate: number,
  connections: readonly Connection[],
  began: number,
  end: number,
  next: (connection: number) => Ask,
  note: (ask: Ask, dueAt: number, status: number, body: Buffer) => void,
): Promise<number> {
  const free = connections.map((_, index) => index);
  const due: number[] = [];
  let sent = 0;
  let inFlight = 0;
  return new Promise((resolve) => {
    const dispatch = () => {
      while (free.length > 0 && due.length > 0) {
        const index = free.pop() as number;
        const dueAt = due.shift() as number;
        const ask = next(index);
        inFlight++;
        (connections[index] as Connection).send(ask.bytes, (status, body) => {
          inFlight--;
          note(ask, dueAt, status, body);
          free.push(index);
          dispatch();
        });
      }
    };
    const tick = () => {
      const now = performance.now();
      const shouldHave = Math.floor(((Math.min(now, end) - began) / 1000) * rate);
      for (; sent < shouldHave; sent++) due.push(began + (sent / rate) * 1000);
      dispatch();
      if (now >= end && inFlight === 0) return resolve(due.length);
      if (now >= end) {
        const left = due.length;
        due.length = 0;
        if (inFlight === 0) return resolve(left);
      }
      setTimeout(tick, 1);
    };
    tick();
  });
}
