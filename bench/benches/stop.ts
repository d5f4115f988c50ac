// P5: how long after a revocation, suspension or expiry the last byte leaves, by pull and by webhook.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { AgreementRecord, type AgreementRecordV1 } from '@govbus/contracts';
import type { OpenLoopJob, OpenLoopResult } from '../load/webhooks.ts';
import type { Bench, Options } from '../lib/bench.ts';
import { departments } from '../lib/city.ts';
import { Loader } from '../lib/processes.ts';
import { agreementOf, rowsIn, seedAgreements, seedCity, send } from '../lib/seed.ts';
import { quantile, spreadOf } from '../lib/stats.ts';
import { subscribe } from '../lib/subscriptions.ts';
import { System } from '../lib/system.ts';
import { demand } from '../lib/verify.ts';

const kinds = ['revocation', 'suspension', 'expiry'] as const;
type Kind = (typeof kinds)[number];
/** An agreement in use: read in a loop and pushed to a webhook. */
type Use = {
  agreement: AgreementRecordV1;
  kind: Kind;
  name: string;
  stop: AbortController;
  lastPageAt: number;
  refusedAt: number;
};
const dataset = 0;
const together = 10;
/** One of the ten is read by many at once: readers must not keep the end of an agreement waiting. */
const busyReaders = 8;
const eventsPerSecond = 100;
/** Long enough for the record that says so to be known when the period ends. */
const expiresInMs = 3_000;

/** Receivers that only remember when the last byte came. */
class Receivers {
  readonly lastAt = new Map<string, number>();
  private readonly server: Server = createServer((request, response) => {
    request.resume().once('end', () => {
      this.lastAt.set(request.url?.slice(1) ?? '', performance.now());
      response.writeHead(204).end();
    });
  });

  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    const address = this.server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

async function readInALoop(system: System, subscriptionId: string, token: string, use: Use): Promise<void> {
  const url = `${system.url}/v1/subscriptions/${subscriptionId}/events?limit=5`;
  const headers = { authorization: `Bearer ${token}` };
  while (!use.stop.signal.aborted) {
    const response = await fetch(url, { headers });
    await response.arrayBuffer();
    if (response.ok) use.lastPageAt = performance.now();
    // 503: for a moment it was not sure that the agreement still stands. That is no page, and no refusal either.
    else if (response.status !== 403 && response.status !== 503)
      throw new Error(`a page was answered with ${response.status}`);
    else {
      if (response.status === 403) use.refusedAt ||= performance.now();
      await pause(20);
    }
  }
}

/** Ten agreements at once are used, stopped and watched; milliseconds to the last byte of each. */
async function stopTen(system: System, receivers: Receivers, base: string, first: number): Promise<[Kind, number][]> {
  const uses = Array.from({ length: together }, (_, k): Use => {
    const agreement = agreementOf(dataset, (first + k) % departments);
    const kind = kinds[(first + k) % kinds.length] ?? 'revocation';
    return { agreement, kind, name: agreement.agreementId, stop: new AbortController(), lastPageAt: 0, refusedAt: 0 };
  });
  const { rows } = await system.db.query<{ n: string }>('SELECT count(*) AS n FROM agreements');
  await send(
    system,
    AgreementRecord,
    uses.map(({ agreement }) => agreement),
  );
  await rowsIn(system, 'agreements', Number(rows[0]?.n) + together);
  const reading: Promise<void>[] = [];
  for (const [k, use] of uses.entries()) {
    const token = system.tokens.consumers[(first + k) % departments] ?? '';
    await subscribe(system, use.agreement, token, { startFrom: 'now', webhook: `${base}/${use.name}` });
    for (let reader = 0; reader < (k === 0 ? busyReaders : 1); reader += 1) {
      const pulled = await subscribe(system, use.agreement, token, { startFrom: 'beginning' });
      const loop = readInALoop(system, pulled, token, use);
      // Awaited at the end; a fault meanwhile must not end the whole run.
      loop.catch(() => undefined);
      reading.push(loop);
    }
  }
  await untilUsed(uses, receivers);
  const stoppedAt = await stopAll(system, uses);
  const deadline = performance.now() + 15_000;
  while (uses.some(({ refusedAt }) => refusedAt === 0) && performance.now() < deadline) await pause(20);
  demand(
    uses.every(({ refusedAt }) => refusedAt > 0),
    'an agreement that was stopped is not refused after 15 s',
  );
  // Whatever comes late comes now.
  await pause(1_500);
  for (const { stop } of uses) stop.abort();
  await Promise.all(reading);
  return uses.map((use) => {
    const last = Math.max(use.lastPageAt, receivers.lastAt.get(use.name) ?? 0);
    return [use.kind, Math.max(0, last - (stoppedAt.get(use) ?? NaN))];
  });
}

async function untilUsed(uses: Use[], receivers: Receivers): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (uses.some(({ lastPageAt, name }) => lastPageAt === 0 || !receivers.lastAt.has(name))) {
    demand(performance.now() < deadline, 'an agreement is not in use after 30 s');
    await pause(20);
  }
}

// The clock of an expiry starts at the end of the period, that of the others before their record is handed to Kafka.
async function stopAll(system: System, uses: Use[]): Promise<Map<Use, number>> {
  const expiring = uses.filter(({ kind }) => kind === 'expiry');
  const expiresAt = performance.now() + expiresInMs;
  const validTo = new Date(Date.now() + expiresInMs).toISOString();
  await change(system, expiring, (agreement) => ({ ...agreement, terms: { ...agreement.terms, validTo } }));
  const others = uses.filter(({ kind }) => kind !== 'expiry');
  const stoppedAt = performance.now();
  await change(system, others, (agreement, kind) => ({
    ...agreement,
    status: kind === 'revocation' ? 'revoked' : 'suspended',
  }));
  return new Map(uses.map((use) => [use, use.kind === 'expiry' ? expiresAt : stoppedAt]));
}

function change(
  system: System,
  uses: Use[],
  next: (agreement: AgreementRecordV1, kind: Kind) => AgreementRecordV1,
): Promise<void> {
  return send(
    system,
    AgreementRecord,
    uses.map(({ agreement, kind }) => ({ ...next(agreement, kind), version: 2 })),
  );
}

/** The worst of a hundred, while the dataset is being published to. */
export const stop: Bench = {
  name: 'stop',
  run: async (options: Options) => {
    const system = await System.start();
    const [loader, receivers] = [new Loader(), new Receivers()];
    try {
      await system.startExchange();
      await seedCity(system);
      await seedAgreements(system, 100);
      const base = await receivers.start();
      const count = options.isQuick ? 2 * together : 100;
      const measured: [Kind, number][] = [];
      const flow: OpenLoopJob = {
        kind: 'open-loop',
        url: system.url,
        source: `/bench/${randomUUID()}`,
        token: system.tokens.publishers[dataset] ?? '',
        dataset,
        eventsPerSecond,
        seconds: 30,
        receivers: {},
        patienceSeconds: 0,
      };
      let isOver = false;
      const publishing = (async (): Promise<void> => {
        while (!isOver) await loader.run<OpenLoopResult>({ ...flow, source: `/bench/${randomUUID()}`, seconds: 5 });
      })();
      for (let first = 0; first < count; first += together) {
        measured.push(...(await stopTen(system, receivers, base, first)));
        options.say(`${first + together} stopped, worst ${Math.max(...measured.map(([, ms]) => ms)).toFixed(0)} ms`);
      }
      isOver = true;
      await publishing;
      return { lines: linesOf(measured), details: measured };
    } finally {
      loader.stop();
      receivers.stop();
      await system.stop();
    }
  },
};

function linesOf(measured: [Kind, number][]) {
  const all = kinds.map((kind) => [kind, measured.flatMap(([of, ms]) => (of === kind ? [ms] : []))] as const);
  return all.map(([kind, ms]) => ({
    what: `${kind} to last byte, worst of ${ms.length} (p50 ${quantile(ms, 0.5).toFixed(0)} ms)`,
    unit: 'ms',
    value: spreadOf([Math.max(...ms)]),
    target: '<= 1,000 ms',
    ok: Math.max(...ms) <= 1_000,
    durability: 'D0' as const,
  }));
}
