// Webhooks: how long an event takes to its receiver, and whether bad receivers hold up good ones (P6).
import { randomUUID } from 'node:crypto';
import { AgreementRecord } from '@govbus/contracts';
import type { Manner, OpenLoopJob, OpenLoopResult } from '../load/webhooks.ts';
import { type Bench, type Options, profileWith } from '../lib/bench.ts';
import { departments } from '../lib/city.ts';
import { Loader } from '../lib/processes.ts';
import { agreementOf, rowsIn, seedCity, send } from '../lib/seed.ts';
import { spreadOf } from '../lib/stats.ts';
import { subscribe, unsubscribe } from '../lib/subscriptions.ts';
import { System } from '../lib/system.ts';
import { demand } from '../lib/verify.ts';

const dataset = 0;
type Receivers = Record<string, Manner>;

/** Receivers under agreements of their own over one dataset. */
class Pushing {
  private readonly loader = new Loader();
  private readonly agreements = Array.from({ length: departments }, (_, c) => agreementOf(dataset, c));
  private readonly system: System;
  private port = 0;

  constructor(system: System) {
    this.system = system;
  }

  async prepare(): Promise<void> {
    await seedCity(this.system);
    await send(this.system, AgreementRecord, this.agreements);
    await rowsIn(this.system, 'agreements', departments);
    this.port = await this.loader.run<number>({ kind: 'receive' });
  }

  /** Subscribes the receivers, sends at the given rate, and checks that each healthy one got everything once. */
  async round(receivers: Receivers, eventsPerSecond: number, seconds: number): Promise<OpenLoopResult> {
    const names = Object.keys(receivers);
    const tokenOf = (c: number): string => this.system.tokens.consumers[c] ?? '';
    const ids: string[] = [];
    for (const [c, name] of names.entries()) {
      const agreement = this.agreements[c];
      if (!agreement) throw new Error(`at most ${departments} receivers`);
      const webhook = `http://127.0.0.1:${this.port}/${name}`;
      ids.push(await subscribe(this.system, agreement, tokenOf(c), { startFrom: 'now', webhook }));
    }
    const job: OpenLoopJob = {
      kind: 'open-loop',
      url: this.system.url,
      source: `/bench/${randomUUID()}`,
      token: this.system.tokens.publishers[dataset] ?? '',
      dataset,
      eventsPerSecond,
      seconds,
      receivers,
      patienceSeconds: 60,
    };
    const result = await this.loader.run<OpenLoopResult>(job);
    for (const [c, id] of ids.entries()) await unsubscribe(this.system, id, tokenOf(c));
    demand(result.wrong.length === 0, result.wrong.slice(0, 3).join('; '));
    demand(result.sent === Math.round(eventsPerSecond * seconds), `only ${result.sent} events were accepted`);
    return result;
  }

  stop(): void {
    this.loader.stop();
  }
}

async function withPushing<T>(options: Options, work: (pushing: Pushing, system: System) => Promise<T>): Promise<T> {
  const system = await System.start();
  const pushing = new Pushing(system);
  try {
    await system.startExchange({ inspect: options.profile });
    await pushing.prepare();
    return await work(pushing, system);
  } finally {
    pushing.stop();
    await system.stop();
  }
}

const rate = 1_000;
/** Publish to webhook received at 1,000 events a second. */
export const webhook: Bench = {
  name: 'webhook',
  run: (options) =>
    withPushing(options, async (pushing, system) => {
      const rounds = { D0: [], D1: [] } as Record<'D0' | 'D1', OpenLoopResult[]>;
      const one: Receivers = { only: 'healthy' };
      await pushing.round(one, rate, Math.min(5, options.seconds));
      for (let n = 1; n <= options.rounds; n += 1)
        for (const durability of ['D0', 'D1'] as const) {
          await system.setClass(durability);
          const result = await pushing.round(one, rate, options.seconds);
          rounds[durability].push(result);
          const { p50Ms, p99Ms, lateP99Ms } = result;
          const figures = [p50Ms, p99Ms, lateP99Ms].map((ms) => `${ms.toFixed(0)} ms`);
          options.say(`${durability}, round ${n}: p50 ${figures[0]}, p99 ${figures[1]}, sent late p99 ${figures[2]}`);
        }
      await profileWith(options, system, 'webhook', () => pushing.round(one, rate, options.seconds));
      const lines = (['D0', 'D1'] as const).flatMap((durability) => {
        const p99 = spreadOf(rounds[durability].map(({ p99Ms }) => p99Ms));
        const p50 = spreadOf(rounds[durability].map(({ p50Ms }) => p50Ms));
        const late = spreadOf(rounds[durability].map(({ lateP99Ms }) => lateP99Ms));
        return [
          {
            what: `p99 at ${rate} events/s`,
            unit: 'ms',
            value: p99,
            durability,
            target: '<= 250 ms',
            ok: p99.median <= 250,
          },
          { what: 'p50', unit: 'ms', value: p50, durability },
          {
            what: 'sent late, p99',
            unit: 'ms',
            value: late,
            durability,
            note: 'of the load generator, included above',
          },
        ];
      });
      return { lines, details: rounds };
    }),
};

const healthy: Receivers = Object.fromEntries(
  Array.from({ length: 47 }, (_, i) => [`healthy-${i}`, 'healthy' as const]),
);
const withBad: Receivers = { ...healthy, dead: 'dead', slow: 'slow', flapping: 'flapping' };

/** 47 healthy webhooks with and without one dead, one slow and one flapping among them. */
export const isolation: Bench = {
  name: 'isolation',
  run: (options) =>
    withPushing(options, async (pushing) => {
      const eventsPerSecond = options.isQuick ? 20 : 50;
      const without: OpenLoopResult[] = [];
      const among: OpenLoopResult[] = [];
      await pushing.round(healthy, eventsPerSecond, Math.min(5, options.seconds));
      for (let n = 1; n <= options.rounds; n += 1) {
        without.push(await pushing.round(healthy, eventsPerSecond, options.seconds));
        among.push(await pushing.round(withBad, eventsPerSecond, options.seconds));
        const p99s = [without.at(-1), among.at(-1)].map((result) => `${result?.p99Ms.toFixed(0)} ms`);
        options.say(`round ${n}: p99 ${p99s[0]} without the bad ones, ${p99s[1]} among them`);
      }
      const against = (of: (result: OpenLoopResult) => number) => ({
        value: spreadOf(among.map(of)),
        ratio: spreadOf(among.map((result, i) => of(result) / of(without[i] ?? result))),
      });
      const [speed, p99] = [against(({ perSecond }) => perSecond), against(({ p99Ms }) => p99Ms)];
      const target = 'within 10 % of a run without the bad ones';
      const at = `47 healthy at ${eventsPerSecond} events/s each`;
      return {
        lines: [
          { what: `${at}, throughput`, unit: 'deliveries/s', ...speed, target, ok: speed.ratio.median >= 0.9 },
          { what: `${at}, p99`, unit: 'ms', ...p99, target, ok: p99.ratio.median <= 1.1 },
        ],
        details: { without, among },
      };
    }),
};
