// B1: events accepted per second, beside the textbook build on the same brokers and of the same durability.
import { randomUUID } from 'node:crypto';
import type { PublishJob, PublishResult } from '../load/publish.ts';
import { type Bench, type Options, profileWith } from '../lib/bench.ts';
import { type CpuSeconds, cpuLines, microsPerEvent } from '../lib/cpu.ts';
import { kafkaCeiling } from '../lib/kafka-ceiling.ts';
import { Loader, startEmptyRoute } from '../lib/processes.ts';
import type { Line } from '../lib/report.ts';
import { seedAgreements, seedCity, textbookCity } from '../lib/seed.ts';
import { spreadOf } from '../lib/stats.ts';
import { type DurabilityClass, System, type Textbook } from '../lib/system.ts';
import { demand, ledgerSize, untilLedgerHas, verifyLedger, verifyTextbook } from '../lib/verify.ts';

type Shape = { batch: number; connections: number };
type Round = { run: PublishResult; rate: number; ledgerLagS: number; cpu: CpuSeconds };
type Setting = { agreements: number; durability: DurabilityClass };
type Measured = Setting & { ours: Round[]; theirs: Round[] };

const sizes = [100, 1000];

export class Publishing {
  private readonly loader = new Loader();
  private readonly system: System;
  private readonly shape: Shape;
  private readonly seconds: number;

  constructor(system: System, shape: Shape, seconds: number) {
    this.system = system;
    this.shape = shape;
    this.seconds = seconds;
  }

  private job(url: string, source: string, seconds: number): PublishJob {
    const tokens = this.system.tokens.publishers;
    return { kind: 'publish', url, source, tokens, seconds, ...this.shape };
  }

  /** A round against the exchange, with the ledger caught up and checked. */
  async exchange(seconds = this.seconds): Promise<Round> {
    const source = `/bench/${randomUUID()}`;
    const before = await ledgerSize(this.system);
    const cpuBefore = this.system.cpu();
    const run = await this.loader.run<PublishResult>(this.job(`${this.system.url}/v1/events`, source, seconds));
    const ledgerLagS = await untilLedgerHas(this.system, before + run.accepted);
    const cpu = microsPerEvent(cpuBefore, this.system.cpu(), run.accepted);
    await verifyLedger(this.system, source, run);
    return { run, rate: run.accepted / run.seconds, ledgerLagS, cpu };
  }

  /** A round against the textbook build, checked. */
  async textbook({ url }: Textbook, seconds = this.seconds): Promise<Round> {
    const source = `/bench/${randomUUID()}`;
    const path = this.shape.batch === 1 ? '/events' : '/batches';
    const run = await this.loader.run<PublishResult>(this.job(`${url}${path}`, source, seconds));
    await verifyTextbook(this.system, source, run);
    return { run, rate: run.accepted / run.seconds, ledgerLagS: 0, cpu: {} };
  }

  /** Requests a second that this load generator can make of an empty route. */
  async httpCeiling(): Promise<number> {
    const { url, stop } = await startEmptyRoute();
    const shape = { ...this.shape, batch: 1 };
    const job = { ...this.job(url, '/ceiling', Math.min(3, this.seconds)), ...shape };
    const run = await this.loader.run<PublishResult>(job);
    stop();
    return run.requests / run.seconds;
  }

  stop(): void {
    this.loader.stop();
  }
}

const warmUpSeconds = ({ isQuick }: Options): number => (isQuick ? 2 : 10);

async function measure(options: Options, system: System, publishing: Publishing, setting: Setting): Promise<Measured> {
  const { agreements, durability } = setting;
  await seedAgreements(system, agreements);
  await system.setClass(durability);
  const textbook = await system.startTextbook(textbookCity(agreements));
  const measured: Measured = { ...setting, ours: [], theirs: [] };
  try {
    await publishing.exchange(warmUpSeconds(options));
    await publishing.textbook(textbook, warmUpSeconds(options));
    for (let round = 1; round <= options.rounds; round += 1) {
      const ours = await publishing.exchange();
      const theirs = await publishing.textbook(textbook);
      measured.ours.push(ours);
      measured.theirs.push(theirs);
      const lag = `ledger ${ours.ledgerLagS.toFixed(1)} s behind`;
      options.say(
        `${durability}, ${agreements} agreements, round ${round}: ${Math.round(ours.rate)}/s (p99 ${ours.run.p99Ms.toFixed(0)} ms, ${lag}), textbook build ${Math.round(theirs.rate)}/s (p99 ${theirs.run.p99Ms.toFixed(0)} ms)`,
      );
    }
  } finally {
    await textbook.stop();
  }
  return measured;
}

async function measureAll(options: Options, name: string, shape: Shape) {
  const system = await System.start();
  const publishing = new Publishing(system, shape, options.seconds);
  try {
    await system.startExchange({ inspect: options.profile, traced: true, ledgerApart: true });
    await seedCity(system);
    const all: Measured[] = [];
    for (const agreements of sizes)
      for (const durability of ['D0', 'D1'] as const)
        all.push(await measure(options, system, publishing, { agreements, durability }));
    await profileWith(options, system, name, () => publishing.exchange());
    for (const name of ['producer send', 'ledger batch'])
      demand(system.spans(name) > 0, `no span \`${name}\` has come: the exchange was not traced`);
    const ceiling = await publishing.httpCeiling();
    const kafka = shape.batch > 1 ? await kafkaCeiling(system, options) : [];
    return { all, ceiling, kafka };
  } finally {
    publishing.stop();
    await system.stop();
  }
}

type Target = { words: string; isMet: (ours: number, ratio: number, theirs: number) => boolean };

function linesOf(measured: Measured, { words, isMet }: Target): Line[] {
  const { ours, theirs, agreements, durability } = measured;
  const value = spreadOf(ours.map(({ rate }) => rate));
  const peer = spreadOf(theirs.map(({ rate }) => rate));
  const ratio = spreadOf(ours.map(({ rate }, i) => rate / (theirs[i]?.rate ?? NaN)));
  const sustained = spreadOf(ours.map(({ run, ledgerLagS }) => run.accepted / (run.seconds + ledgerLagS)));
  const what = `${agreements} agreements`;
  const p99 = (rounds: Round[]) => spreadOf(rounds.map(({ run }) => run.p99Ms));
  const ok = isMet(value.median, ratio.median, peer.median);
  return [
    { what, unit: 'events/s', value, ratio, durability, target: words, ok },
    { what: `${what}, ledger included`, unit: 'events/s', value: sustained, durability },
    { what: `${what}, p99`, unit: 'ms', value: p99(ours), durability, note: 'closed loop' },
    ...cpuLines(
      what,
      ours.map(({ cpu }) => cpu),
      durability,
    ),
    { what: `${what}, textbook build`, unit: 'events/s', value: peer, durability },
    { what: `${what}, textbook build, p99`, unit: 'ms', value: p99(theirs), durability, note: 'closed loop' },
  ];
}

/** Single events of 1 KB on 64 connections. */
export const single: Bench = {
  name: 'publish',
  run: async (options) => {
    const { all, ceiling } = await measureAll(options, 'publish', { batch: 1, connections: 64 });
    const lines = all.flatMap((measured) => {
      const factor = measured.agreements === 100 ? 4 : 25;
      const reference = measured.agreements === 100 ? ' and 6,000/s where that does 1,400' : '';
      // On a slower machine both are slower: 6,000 is scaled by what the textbook build does here.
      const floor = (theirs: number): number => (reference ? 6_000 * Math.min(1, theirs / 1_400) : 0);
      return linesOf(measured, {
        words: `>= ${factor}x the textbook build${reference}`,
        isMet: (ours, ratio, theirs) => ratio >= factor && ours >= floor(theirs),
      });
    });
    const http = { what: 'empty route', unit: 'requests/s', value: spreadOf([ceiling]), note: 'the ceiling of HTTP' };
    return { lines: [...lines, http], details: all };
  },
};

/** Batches of 100 on 16 connections. */
export const batch: Bench = {
  name: 'batch',
  run: async (options) => {
    const { all, ceiling, kafka } = await measureAll(options, 'batch', { batch: 100, connections: 16 });
    const lines = all.flatMap((measured) =>
      linesOf(measured, {
        words: '>= 10x the loop of the textbook build and >= 20,000/s',
        isMet: (ours, ratio) => ratio >= 10 && ours >= 20_000,
      }),
    );
    const http = { what: 'empty route', unit: 'requests/s', value: spreadOf([ceiling]), note: 'the ceiling of HTTP' };
    return { lines: [...lines, ...kafka, http], details: all };
  },
};
