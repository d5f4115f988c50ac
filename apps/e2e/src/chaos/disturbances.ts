import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../dataset';
import type { ProcessName, RunningCity } from '../running-city';
import type { Asker } from './asker';
import type { Puller, Receiver } from './consumers';
import type { DisclosureWatch } from './disclosure-watch';
import type { ExtraExchange } from './extra-exchange';
import type { Load } from './load';
import type { Processes } from './processes';
import { oneOf } from './random';
import type { SmallDisk } from './small-disk';
import type { Streamer } from './streamer';

/** Something bad that happens once, for as long as it says. */
export type Disturbance = { name: string; run: () => Promise<void>; isOnce?: boolean };
export type Times = {
  /** How long PostgreSQL and Kafka are away, in seconds. */
  outageSeconds: number;
  /** How long the other disturbances last, in seconds. */
  holdSeconds: number;
  /** Each thing once: Kafka and PostgreSQL are killed only to stay away for a while, one agreement is revoked. */
  form: 'short' | 'full';
};
/** An agreement that is revoked in the middle of the run, and who reads and is sent under it. */
export type Doomed = {
  agreementId: string;
  puller: Puller;
  hook: Receiver;
  revokedAt?: number;
  killed?: ProcessName;
};
export type Scene = {
  city: RunningCity;
  processes: Processes;
  load: Load;
  kafka: [ProcessName, ...ProcessName[]];
  hook: Receiver;
  puller: Puller;
  streamer: Streamer;
  /** Reads nothing but the first page. */
  asker: Asker;
  doomed: Doomed[];
  disk: SmallDisk;
  /** Writes the ledger, where the exchange of the city does not. */
  ledger: ExtraExchange | undefined;
  /** Does everything, while it is there. */
  second: ExtraExchange;
  disclosures: DisclosureWatch;
  random: () => number;
};

const hourMs = 3_600_000;
/** How long what was disturbed before may take to be whole enough for the next disturbance, in ms. */
const healMs = 240_000;
/** How late after the answer to a revocation a read or a call may begin, in ms (P5). */
export const graceMs = 1_000;
const others = ['audit', 'case-routing', 'data-catalog', 'departments'] as const;

/** Each disturbance once. */
export function disturbances(scene: Scene, { outageSeconds, holdSeconds, form }: Times): Disturbance[] {
  const { processes, kafka, hook, puller, ledger, random } = scene;
  const outageMs = outageSeconds * 1000;
  const holdMs = holdSeconds * 1000;
  const kill = (name: string, choose: () => ProcessName): Disturbance => {
    return { name: `kill -9 ${name}`, run: () => Promise.resolve(processes.kill(choose())) };
  };
  const killedServers = [kill('Kafka', () => oneOf(kafka, random)), kill('PostgreSQL', () => 'postgres')];
  return [
    kill('exchange', () => 'exchange'),
    ...(ledger ? [{ name: 'kill -9 the process of the ledger', run: () => again(ledger) }] : []),
    kill('another service', () => oneOf(others, random)),
    ...(form === 'full' ? killedServers : []),
    { name: `PostgreSQL away for ${outageSeconds} s`, run: () => away(scene, ['postgres'], outageMs) },
    { name: `Kafka away for ${outageSeconds} s`, run: () => away(scene, kafka, outageMs) },
    ...(kafka.length > 1
      ? [
          {
            name: `a broker of ${kafka.length} away for ${outageSeconds} s`,
            run: () => away(scene, [oneOf(kafka, random)], outageMs),
          },
        ]
      : []),
    { name: `disk of the outbox full for ${holdSeconds} s`, run: () => diskFull(scene, holdMs) },
    { name: `clock of the exchange +1 h for ${holdSeconds} s`, run: () => stepClock(scene, hourMs, holdMs) },
    { name: `clock of the exchange -1 h for ${holdSeconds} s`, run: () => stepClock(scene, -hourMs, holdMs) },
    { name: 'rebalance: a second exchange comes, is killed, comes again', run: () => rebalance(scene, holdMs) },
    {
      name: `webhook receiver away for ${holdSeconds} s`,
      run: async () => {
        await hook.stop();
        await pause(holdMs);
        await hook.start();
      },
    },
    { name: 'puller killed and begun anew', run: () => Promise.resolve(puller.kill()) },
    ...scene.doomed.map((doomed) => ({
      name: 'revocation while something is killed',
      run: () => revoke(scene, doomed),
      isOnce: true,
    })),
  ];
}

async function away({ city, processes }: Scene, names: readonly ProcessName[], ms: number): Promise<void> {
  for (const name of names) city.holdAway(name);
  for (const name of names) processes.kill(name);
  await pause(ms);
  for (const name of names) city.letGo(name);
}

// Before there is space again: whatever a consumer holds by then was recorded although nothing could be written (P3). A page
// that is answered before and after is refused meanwhile.
async function diskFull({ disk, disclosures, asker }: Scene, ms: number): Promise<void> {
  await asker.untilAnswered();
  try {
    await disk.fill();
    await asker.whileFull(ms);
    await eventually(() => disclosures.look(), healMs);
  } finally {
    await disk.free();
  }
  await asker.untilAnswered();
}

/** The file that says how far the clock of a city's exchange is off; read by `changed-exchange`. */
export const clockFile = (dir: string): string => join(dir, 'clock-offset-ms');
/** The file that says what it does from its next start on. */
export const rolesFile = (dir: string): string => join(dir, 'exchange-roles');

// Something is accepted and something disclosed while the clock is off: else no wrong time could be seen.
async function stepClock({ city, load, asker }: Scene, offsetMs: number, ms: number): Promise<void> {
  const file = clockFile(city.dir);
  writeFileSync(file, String(offsetMs));
  await eventually(() => {
    if (readFileSync(`${file}.seen`, 'utf8') === String(offsetMs)) return Promise.resolve();
    return Promise.reject(new Error('the clock of the exchange is not off'));
  }, healMs);
  await load.one(city.url('exchange'));
  await asker.untilAnswered();
  await pause(ms);
  writeFileSync(file, '0');
}

// Others go on meanwhile: nobody waits until it is up.
async function again(exchange: ExtraExchange): Promise<void> {
  await exchange.kill();
  void exchange.start().catch(() => undefined);
}

async function rebalance({ second }: Scene, ms: number): Promise<void> {
  await second.start();
  await pause(ms);
  await second.kill();
  await second.start();
}

// Not before it was read and sent: of what never was it says nothing that it is not any more. Others are sent more when the
// grace is over: so would it be, were it not for the revocation.
async function revoke({ city, processes, hook, kafka, random }: Scene, doomed: Doomed): Promise<void> {
  await grows(() => doomed.puller.reads, 1, 'nothing is read under an agreement in force');
  await grows(() => doomed.hook.calls, 1, 'nothing is sent under an agreement in force');
  doomed.killed = oneOf<ProcessName>(['exchange', oneOf(kafka, random), 'postgres', 'data-catalog'], random);
  processes.kill(doomed.killed);
  await eventually(async () => {
    const url = `${city.url('data-catalog')}/v1/agreements/${doomed.agreementId}/revoke`;
    const { status } = await city.call('sharing-officer', 'POST', url, { reason: 'chaos' });
    if (status !== 200) throw new Error(`revocation answered ${status}`);
  }, healMs);
  doomed.revokedAt = performance.now();
  await pause(graceMs);
  await grows(() => hook.calls, 3, 'nothing is sent after a revocation to whom it does not concern');
}

/** Ends when a number is so much larger than now. */
async function grows(number: () => number, by: number, otherwise: string): Promise<void> {
  const goal = number() + by;
  await eventually(() => (number() >= goal ? Promise.resolve() : Promise.reject(new Error(otherwise))), healMs);
}
