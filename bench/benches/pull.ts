// B2: twenty consumers with different lenses read a dataset to its end, page by page, each page acknowledged.
import { createReadStream } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isDeepStrictEqual } from 'node:util';
import { AgreementRecord, type AgreementRecordV1, type DeliveredEvent } from '@govbus/contracts';
import type { PullJob, PullResult } from '../load/pull.ts';
import { type Bench, type Options, profileWith } from '../lib/bench.ts';
import { departments } from '../lib/city.ts';
import { type CpuSeconds, cpuLines, microsPerEvent } from '../lib/cpu.ts';
import { consumers, shownTo, termsOf } from '../lib/lenses.ts';
import { Loader } from '../lib/processes.ts';
import { agreementOf, rowsIn, seedAgreements, seedCity, send } from '../lib/seed.ts';
import type { Line } from '../lib/report.ts';
import { quantile, spreadOf } from '../lib/stats.ts';
import { subscribe } from '../lib/subscriptions.ts';
import { type DurabilityClass, System } from '../lib/system.ts';
import { demand, untilLedgerHas } from '../lib/verify.ts';
import { Sharing } from './share.ts';
import { backlog } from './ledger.ts';

const pageLimit = 1000;
/** Datasets read at once; each by a fourth of the consumers. */
const datasets = 4;
export type Subscription = { id: string; token: string; consumer: number; dataset: number };
export type Round = { rate: number; delivered: number; p99Ms: number; cpu: CpuSeconds };

/** Reading by all consumers, on a ledger that is filled once. */
export class Pulling {
  private readonly loader = new Loader();
  readonly system: System;
  /** Events of each dataset that is read. */
  readonly length: number;
  private readonly agreements: AgreementRecordV1[] = [];

  constructor(system: System, length: number) {
    this.system = system;
    this.length = length;
  }

  /** The agreements of the consumers, and a ledger of `length` events in every dataset; leaves the exchange running. */
  async prepare(): Promise<void> {
    await rowsIn(this.system, 'datasets', departments);
    const before = Number(
      (await this.system.db.query<{ n: string }>('SELECT count(*) AS n FROM agreements')).rows[0]?.n,
    );
    for (let c = 0; c < consumers; c += 1) {
      this.agreements.push(agreementOf(this.datasetFor(c), 10 + c, termsOf(c)));
    }
    await send(this.system, AgreementRecord, this.agreements);
    await rowsIn(this.system, 'agreements', before + consumers);
    const events = await backlog(this.system, `/bench/${randomUUID()}`, this.length * departments);
    await untilLedgerHas(this.system, events);
  }

  private datasetFor(consumer: number): number {
    return consumer % datasets;
  }

  /** Every consumer reads its dataset from the beginning; every page is checked afterwards. */
  async round(): Promise<Round> {
    const subscriptions = await this.subscribe('pull', 'beginning');
    const pagesFile = join(this.system.dir, `pages-${randomUUID()}`);
    const job: PullJob = {
      kind: 'pull',
      url: this.system.url,
      subscriptions: subscriptions.map(({ id, token }) => ({ id, token })),
      limit: pageLimit,
      pagesFile,
    };
    const cpuBefore = this.system.cpu();
    const { seconds, pageMs } = await this.loader.run<PullResult>(job);
    const cpuAfter = this.system.cpu();
    const delivered = await this.check(pagesFile, subscriptions);
    const cpu = microsPerEvent(cpuBefore, cpuAfter, delivered);
    return { rate: delivered / seconds, delivered, p99Ms: quantile(pageMs, 0.99), cpu };
  }

  /** A subscription of each consumer. */
  subscribe(mode: 'pull' | 'kafka', startFrom: 'beginning' | 'now'): Promise<Subscription[]> {
    const one = async (agreement: AgreementRecordV1, consumer: number): Promise<Subscription> => {
      const token = this.system.tokens.consumers[10 + consumer] ?? '';
      const id = await subscribe(this.system, agreement, token, { startFrom, mode });
      return { id, token, consumer, dataset: this.datasetFor(consumer) };
    };
    return Promise.all(this.agreements.map(one));
  }

  // Position p of a dataset holds event number (p - 1) * departments + dataset: the backlog is written in that order.
  private async check(pagesFile: string, subscriptions: Subscription[]): Promise<number> {
    const next = new Map(subscriptions.map((subscription) => [subscription.id, { subscription, position: 1 }]));
    let delivered = 0;
    for await (const line of createInterface({ input: createReadStream(pagesFile) })) {
      const [id = '', body = ''] = line.split('\t');
      const reading = next.get(id);
      demand(reading !== undefined, 'a page of an unknown subscription');
      if (!reading) continue;
      const { events } = JSON.parse(body) as { events: DeliveredEvent[] };
      for (const event of events) reading.position = this.checkEvent(event, reading.subscription, reading.position);
      delivered += events.length;
    }
    for (const { subscription, position } of next.values())
      for (let left = position; left <= this.length; left += 1)
        demand(!this.shown(subscription, left), `consumer ${subscription.consumer} was not shown position ${left}`);
    return delivered;
  }

  /** What the consumer of a subscription must be shown of a position; undefined when it must not see it. */
  shown({ consumer, dataset }: Subscription, position: number): Record<string, unknown> | undefined {
    return shownTo(consumer, dataset, (position - 1) * departments + dataset);
  }

  private checkEvent(event: DeliveredEvent, subscription: Subscription, from: number): number {
    let position = from;
    while (position <= this.length && !this.shown(subscription, position)) position += 1;
    const who = `consumer ${subscription.consumer}`;
    demand(event.id === String(position), `${who} was shown position ${event.id} and not ${position}`);
    this.checkData(event, subscription);
    return position + 1;
  }

  /** That an event shows what was agreed, and nothing else. */
  checkData(event: DeliveredEvent, subscription: Subscription): void {
    const [who, position] = [`consumer ${subscription.consumer}`, Number(event.id)];
    const { description, ...data } = event.data as Record<string, unknown>;
    demand(typeof description === 'string', `${who} was not shown the description`);
    demand(
      isDeepStrictEqual(data, this.shown(subscription, position)),
      `${who}: position ${position} is not as agreed`,
    );
  }

  stop(): void {
    this.loader.stop();
  }
}

/** Rounds of reading; the first does not count. */
export async function pullRounds(options: Options, pulling: Pulling, label: string): Promise<Round[]> {
  await pulling.round();
  const rounds: Round[] = [];
  for (let n = 1; n <= options.rounds; n += 1) {
    const round = await pulling.round();
    rounds.push(round);
    options.say(
      `${label}, round ${n}: ${Math.round(round.rate)} events/s delivered, page p99 ${round.p99Ms.toFixed(0)} ms`,
    );
  }
  return rounds;
}

type SharedRound = Omit<Round, 'p99Ms'>;
type SharedRounds = Record<DurabilityClass, SharedRound[]>;

async function shareRounds(options: Options, sharing: Sharing): Promise<SharedRounds> {
  await sharing.round('D0');
  const rounds: SharedRounds = { D0: [], D1: [] };
  for (let n = 1; n <= options.rounds; n += 1) {
    for (const durability of ['D0', 'D1'] as const) {
      const round = await sharing.round(durability);
      rounds[durability].push(round);
      options.say(`by Kafka, ${durability}, round ${n}: ${Math.round(round.rate)} events/s delivered`);
    }
  }
  return rounds;
}

function linesOfShared(rounds: SharedRounds): Line[] {
  return (['D0', 'D1'] as const).flatMap((durability): Line[] => {
    const value = spreadOf(rounds[durability].map(({ rate }) => rate));
    const what = `${consumers} consumers, ${consumers} lenses, by Kafka`;
    const judged = durability === 'D0' ? { target: '>= 25,000/s', ok: value.median >= 25_000 } : {};
    const cpu = rounds[durability].map((round) => round.cpu);
    return [
      { what, unit: 'events/s', value, durability, ...judged },
      ...cpuLines('delivered by Kafka', cpu, durability),
    ];
  });
}

/** Deliveries a second by pull, and by Kafka. */
export const pull: Bench = {
  name: 'pull',
  run: async (options) => {
    const length = Math.ceil((options.events ?? (options.isQuick ? 50_000 : 300_000)) / departments);
    const system = await System.start();
    const pulling = new Pulling(system, length);
    try {
      await system.startExchange({ inspect: options.profile });
      await seedCity(system);
      await seedAgreements(system, 100);
      await pulling.prepare();
      const rounds = await pullRounds(options, pulling, '100 agreements');
      await profileWith(options, system, 'pull', () => pulling.round());
      const sharing = new Sharing(pulling);
      const shared = await shareRounds(options, sharing);
      await profileWith(options, system, 'share', () => sharing.round('D0'));
      const value = spreadOf(rounds.map(({ rate }) => rate));
      const pages = spreadOf(rounds.map(({ p99Ms }) => p99Ms));
      const what = `${consumers} consumers, ${consumers} lenses, pages of ${pageLimit}, each acknowledged`;
      const target = '>= 25,000/s';
      return {
        lines: [
          { what, unit: 'events/s', value, target, ok: value.median >= 25_000, durability: 'D1' },
          { what: 'a page, p99', unit: 'ms', value: pages },
          ...cpuLines(
            'delivered',
            rounds.map(({ cpu }) => cpu),
          ),
          ...linesOfShared(shared),
        ],
        details: { pulled: rounds, shared },
      };
    } finally {
      pulling.stop();
      await system.stop();
    }
  },
};
