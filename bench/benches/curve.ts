// Whether the number of agreements costs anything: publishing and delivery at 10 to 5,000 agreements.
import type { Bench, Options } from '../lib/bench.ts';
import type { Line } from '../lib/report.ts';
import { seedAgreements, seedCity } from '../lib/seed.ts';
import { type Spread, spreadOf } from '../lib/stats.ts';
import { System } from '../lib/system.ts';
import { Publishing } from './publish.ts';
import { Pulling, pullRounds } from './pull.ts';

const sizes = [10, 100, 1_000, 5_000];
/** Less than this share of the rate at the fewest agreements is not flat. */
const flat = 0.8;
type Point = { agreements: number; value: Spread };

async function publishing(options: Options): Promise<Point[]> {
  const system = await System.start();
  const load = new Publishing(system, { batch: 1, connections: 64 }, options.seconds);
  try {
    await system.startExchange();
    await seedCity(system);
    await load.exchange(options.isQuick ? 2 : 10);
    const points: Point[] = [];
    for (const agreements of sizes) {
      await seedAgreements(system, agreements);
      const rates: number[] = [];
      for (let n = 1; n <= options.rounds; n += 1) rates.push((await load.exchange()).rate);
      points.push({ agreements, value: spreadOf(rates) });
      options.say(`publish at ${agreements} agreements: ${rates.map(Math.round).join(', ')} events/s`);
    }
    return points;
  } finally {
    load.stop();
    await system.stop();
  }
}

async function delivery(options: Options): Promise<Point[]> {
  const system = await System.start();
  const pulling = new Pulling(system, options.isQuick ? 400 : 3_000);
  try {
    await system.startExchange();
    await seedCity(system);
    await pulling.prepare();
    const points: Point[] = [];
    for (const agreements of sizes) {
      // The consumers' own agreements are there already and count.
      await seedAgreements(system, agreements);
      const rounds = await pullRounds(options, pulling, `${agreements} agreements`);
      points.push({ agreements, value: spreadOf(rounds.map(({ rate }) => rate)) });
    }
    return points;
  } finally {
    pulling.stop();
    await system.stop();
  }
}

function linesOf(what: string, durability: 'D0' | 'D1', points: Point[]): Line[] {
  const base = points[0]?.value.median ?? NaN;
  return points.map(({ agreements, value }, i): Line => {
    const line = { what: `${what} at ${agreements} agreements`, unit: 'events/s', value, durability };
    if (i === 0) return line;
    const ratio = spreadOf(value.rounds.map((rate) => rate / base));
    const target = `>= ${flat}x the rate at ${points[0]?.agreements}`;
    return { ...line, ratio, target, ok: ratio.median >= flat };
  });
}

export const curve: Bench = {
  name: 'curve',
  run: async (options) => {
    const published = await publishing(options);
    const delivered = await delivery(options);
    return { lines: [...linesOf('publish', 'D0', published), ...linesOf('pull', 'D1', delivered)] };
  },
};
