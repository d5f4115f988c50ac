import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../dataset';
import type { ProcessName, RunningCity } from '../running-city';
import type { Puller, Receiver } from './consumers';
import type { DisclosureWatch } from './disclosure-watch';
import type { ExtraExchange } from './extra-exchange';
import { oneOf } from './random';
import type { SmallDisk } from './small-disk';

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
/** An agreement that is revoked in the middle of the run, and who reads under it. */
export type Doomed = { agreementId: string; puller: Puller; revokedAt?: number; killed?: ProcessName };
export type Scene = {
  city: RunningCity;
  kafka: [ProcessName, ...ProcessName[]];
  hook: Receiver;
  puller: Puller;
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
const others = ['audit', 'case-routing', 'data-catalog', 'departments'] as const;

/** Each disturbance once. */
export function disturbances(scene: Scene, { outageSeconds, holdSeconds, form }: Times): Disturbance[] {
  const { city, kafka, hook, puller, ledger, random } = scene;
  const outageMs = outageSeconds * 1000;
  const holdMs = holdSeconds * 1000;
  const kill = (name: string, choose: () => ProcessName): Disturbance => {
    return { name: `kill -9 ${name}`, run: () => Promise.resolve(void city.kill(choose())) };
  };
  const killedServers = [kill('Kafka', () => oneOf(kafka, random)), kill('PostgreSQL', () => 'postgres')];
  return [
    kill('exchange', () => 'exchange'),
    ...(ledger ? [{ name: 'kill -9 the process of the ledger', run: () => again(ledger) }] : []),
    kill('another service', () => oneOf(others, random)),
    ...(form === 'full' ? killedServers : []),
    { name: `PostgreSQL away for ${outageSeconds} s`, run: () => away(city, ['postgres'], outageMs) },
    { name: `Kafka away for ${outageSeconds} s`, run: () => away(city, kafka, outageMs) },
    ...(kafka.length > 1
      ? [
          {
            name: `a broker of ${kafka.length} away for ${outageSeconds} s`,
            run: () => away(city, [oneOf(kafka, random)], outageMs),
          },
        ]
      : []),
    { name: `disk of the outbox full for ${holdSeconds} s`, run: () => diskFull(scene, holdMs) },
    { name: `clock of the exchange +1 h for ${holdSeconds} s`, run: () => stepClock(city, hourMs, holdMs) },
    { name: `clock of the exchange -1 h for ${holdSeconds} s`, run: () => stepClock(city, -hourMs, holdMs) },
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

async function away(city: RunningCity, names: readonly ProcessName[], ms: number): Promise<void> {
  for (const name of names) city.holdAway(name);
  for (const name of names) city.kill(name);
  await pause(ms);
  for (const name of names) city.letGo(name);
}

// Before there is space again: whatever a consumer holds by then was recorded although nothing could be written (P3).
async function diskFull({ disk, disclosures }: Scene, ms: number): Promise<void> {
  await disk.fill();
  await pause(ms);
  await eventually(() => disclosures.look(), healMs);
  await disk.free();
}

/** The file that says how far the clock of a city's exchange is off; read by `changed-exchange`. */
export const clockFile = (dir: string): string => join(dir, 'clock-offset-ms');
/** The file that says what it does from its next start on. */
export const rolesFile = (dir: string): string => join(dir, 'exchange-roles');

async function stepClock(city: RunningCity, offsetMs: number, ms: number): Promise<void> {
  writeFileSync(clockFile(city.dir), String(offsetMs));
  await pause(ms);
  writeFileSync(clockFile(city.dir), '0');
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

// Not before it was read: of what was never read it says nothing that it is not read any more.
async function revoke({ city, kafka, random }: Scene, doomed: Doomed): Promise<void> {
  const before = doomed.puller.reads;
  await eventually(() => {
    if (doomed.puller.reads === before) throw new Error('nothing is read under an agreement in force');
    return Promise.resolve();
  }, healMs);
  doomed.killed = oneOf<ProcessName>(['exchange', oneOf(kafka, random), 'postgres', 'data-catalog'], random);
  city.kill(doomed.killed);
  await eventually(async () => {
    const url = `${city.url('data-catalog')}/v1/agreements/${doomed.agreementId}/revoke`;
    const { status } = await city.call('sharing-officer', 'POST', url, { reason: 'chaos' });
    if (status !== 200) throw new Error(`revocation answered ${status}`);
  }, healMs);
  doomed.revokedAt = performance.now();
}
