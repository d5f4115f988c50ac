// Memory of the exchange while a million events pass, in batches and closed loop: as fast as it takes them.
import { randomUUID } from 'node:crypto';
import type { PublishJob, PublishResult } from '../load/publish.ts';
import type { Bench } from '../lib/bench.ts';
import { Loader } from '../lib/processes.ts';
import { seedAgreements, seedCity } from '../lib/seed.ts';
import { median, spreadOf } from '../lib/stats.ts';
import { System } from '../lib/system.ts';
import { untilLedgerHas, verifyLedger } from '../lib/verify.ts';

const sampleEveryMs = 500;
const limitMb = 300;
/** Growth from the second to the last quarter of the run that still counts as flat. */
const flat = 1.1;

export const memory: Bench = {
  name: 'memory',
  run: async (options) => {
    const events = options.events ?? (options.isQuick ? 30_000 : 1_000_000);
    const system = await System.start();
    const loader = new Loader();
    try {
      await system.startExchange();
      await seedCity(system);
      await seedAgreements(system, 100);
      const samples: number[] = [];
      const timer = setInterval(() => samples.push(system.residentMb()), sampleEveryMs);
      const job: PublishJob = {
        kind: 'publish',
        url: `${system.url}/v1/events`,
        source: `/bench/${randomUUID()}`,
        tokens: system.tokens.publishers,
        connections: 16,
        batch: 100,
        seconds: 3600,
        maxEvents: events,
      };
      const run = await loader.run<PublishResult>(job);
      await untilLedgerHas(system, run.accepted);
      clearInterval(timer);
      await verifyLedger(system, job.source, run);
      const after = system.residentMb();
      const quarter = Math.ceil(samples.length / 4);
      const growth = median(samples.slice(-quarter)) / median(samples.slice(quarter, 2 * quarter));
      const what = `after ${events.toLocaleString('en-US')} events`;
      const value = spreadOf([after]);
      return {
        lines: [
          { what: `resident ${what}`, unit: 'MiB', value, target: `<= ${limitMb} MiB`, ok: after <= limitMb },
          { what: 'resident, all samples', unit: 'MiB', value: spreadOf(samples) },
          {
            what: 'last quarter against the second',
            unit: 'x',
            value: spreadOf([growth]),
            target: `flat: <= ${flat}x`,
            ok: growth <= flat,
          },
        ],
        details: { samples, sampleEveryMs },
      };
    } finally {
      loader.stop();
      await system.stop();
    }
  },
};
