import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Asker } from './chaos/asker';
import { Puller, Receiver } from './chaos/consumers';
import { query } from './chaos/database';
import { DisclosureWatch } from './chaos/disclosure-watch';
import {
  clockFile,
  type Disturbance,
  disturbances,
  type Doomed,
  rolesFile,
  type Scene,
  type Times,
} from './chaos/disturbances';
import { ExtraExchange } from './chaos/extra-exchange';
import { Load } from './chaos/load';
import { Processes } from './chaos/processes';
import { randomOf, shuffled } from './chaos/random';
import { SmallDisk } from './chaos/small-disk';
import { Streamer } from './chaos/streamer';
import {
  auditVerdict,
  clockVerdict,
  deliveryVerdicts,
  disclosureVerdict,
  fullDiskVerdict,
  ledgerVerdicts,
  recordedVerdict,
  standingVerdict,
  stopVerdict,
  type Verdict,
} from './chaos/verdicts';
import { agreeOn, eventually, newDataset, subscribe } from './dataset';
import { RunningCity } from './running-city';

export type ChaosOptions = Times & {
  seed: number;
  /** Disturbances go on for so long; each happens at least once. */
  seconds: number;
  /** Longest pause between two disturbances, in seconds. */
  pauseSeconds: number;
  brokers: 1 | 3;
  /** Whether the ledger is written by a process apart, which is killed as well. */
  apart: boolean;
  say: (text: string) => void;
};
type Actors = { scene: Scene; datasetId: string };

/** How long everything may take to be whole again. */
const healMs = 180_000;
const preloads = ['changed-exchange', 'named-process'].map((name) => join(__dirname, `../dist/chaos/${name}.js`));

/** A city whose exchange has a clock that can be stepped, and roles that can be taken from it. */
export function cityForChaos(brokers: 1 | 3): Promise<RunningCity> {
  return RunningCity.start({
    args: ['--brokers', String(brokers)],
    env: (dir) => ({
      NODE_OPTIONS: preloads.map((file) => `--require ${JSON.stringify(file)}`).join(' '),
      GOVBUS_CHAOS_CLOCK_FILE: clockFile(dir),
      GOVBUS_CHAOS_ROLES_FILE: rolesFile(dir),
      GOVBUS_CHAOS_OF: join('exchange', 'dist', 'main.js'),
    }),
  });
}

/**
 * Publishes, pulls, streams and receives webhooks while bad things happen in an order that the seed gives, and then
 * compares what was acknowledged with what arrived and what was recorded.
 */
export async function chaos(city: RunningCity, options: ChaosOptions): Promise<Verdict[]> {
  const { say } = options;
  const disk = await SmallDisk.under(city);
  if (disk.isSimulated) say('no file system can be mounted here: a full disk is simulated by a trigger on the outbox');
  try {
    return await run(city, disk, options);
  } finally {
    await disk.remove();
  }
}

async function run(city: RunningCity, disk: SmallDisk, options: ChaosOptions): Promise<Verdict[]> {
  const { say } = options;
  const began = await databaseTime(city);
  const { scene, datasetId } = await actors(city, disk, options);
  const { processes, load, puller, hook, streamer, asker, doomed, disclosures, ledger, second } = scene;
  const inboxes = { pull: puller.inbox, webhook: hook.inbox, stream: streamer.inbox };
  const readers = [puller, streamer, disclosures, ...doomed.map((one) => one.puller)];
  const publishing = load.run();
  const running = readers.map((one) => one.run());
  try {
    const disturbed = await disturbVerdict(scene, options);
    say('no more disturbances; waiting until everything is whole again');
    load.stop();
    await publishing;
    const healing = await healthVerdict(city);
    const head = await settledHead(city, datasetId, load.acknowledged.size);
    for (const { received } of Object.values(inboxes)) await catchesUp(() => Promise.resolve(received.size), head);
    await eventually(() => disclosures.look());
    say('comparing what was acknowledged, what arrived and what was recorded');
    return [
      ...(await ledgerVerdicts(city, datasetId, load)),
      ...deliveryVerdicts(inboxes, head),
      disclosureVerdict(disclosures),
      fullDiskVerdict(asker),
      await recordedVerdict(city, catchesUp),
      await clockVerdict(city, datasetId, began),
      await stopVerdict(city, doomed),
      await auditVerdict(city),
      healing,
      standingVerdict(processes, ledger ? [ledger, second] : [second]),
      disturbed,
    ];
  } finally {
    load.stop();
    for (const one of readers) one.stop();
    await Promise.all(running);
    for (const one of [hook, ...doomed.map((of) => of.hook)]) await one.stop();
    for (const extra of [second, ledger]) await extra?.kill();
  }
}

async function actors(
  city: RunningCity,
  disk: SmallDisk,
  { seed, brokers, form, apart }: ChaosOptions,
): Promise<Actors> {
  const processes = new Processes(city);
  const datasetId = await newDataset(city);
  const exchanges = [city.url('exchange')];
  const agreementId = await agreeOn(city, datasetId, ['pull', 'webhook', 'sse']);
  const hook = new Receiver();
  const hooked = await subscribeHook(city, agreementId, hook);
  const pulled = await subscribe(city, agreementId, 'pull');
  const streamed = await subscribe(city, agreementId, 'sse');
  const streamer = new Streamer(city, streamed, exchanges);
  const asker = new Asker(city, await subscribe(city, agreementId, 'pull'));
  const puller = new Puller(city, pulled, exchanges);
  const watched = [
    { subscriptionId: hooked, inbox: hook.inbox },
    { subscriptionId: pulled, inbox: puller.inbox },
    { subscriptionId: streamed, inbox: streamer.inbox },
  ];
  const doomed: Doomed[] = [];
  for (let n = 0; n < (form === 'full' ? 2 : 1); n += 1) {
    const doomedId = await agreeOn(city, datasetId);
    const doomedHook = new Receiver();
    const [hookedId, pulledId] = [
      await subscribeHook(city, doomedId, doomedHook),
      await subscribe(city, doomedId, 'pull'),
    ];
    const doomedPuller = new Puller(city, pulledId, exchanges);
    doomed.push({ agreementId: doomedId, puller: doomedPuller, hook: doomedHook });
    watched.push(
      { subscriptionId: hookedId, inbox: doomedHook.inbox },
      { subscriptionId: pulledId, inbox: doomedPuller.inbox },
    );
  }
  const disclosures = new DisclosureWatch(city, watched);
  const kafka: Scene['kafka'] = brokers === 1 ? ['kafka'] : ['kafka-1', 'kafka-2', 'kafka-3'];
  const ledger = apart ? await ledgerApart(city, processes) : undefined;
  const second = new ExtraExchange(city, { name: 'exchange-2', port: 7, roles: 'ingest,ledger,delivery' }, exchanges);
  const load = new Load(city, datasetId, exchanges);
  const disturbed = { city, processes, kafka, disk, ledger, second, random: randomOf(seed) };
  const scene = { ...disturbed, load, hook, puller, streamer, asker, doomed, disclosures };
  return { scene, datasetId };
}

async function subscribeHook(city: RunningCity, agreementId: string, hook: Receiver): Promise<string> {
  await hook.start();
  return subscribe(city, agreementId, 'webhook', { webhook: { url: hook.url } });
}

async function databaseTime(city: RunningCity): Promise<Date> {
  const [row] = await query<{ now: Date }>(city, 'SELECT clock_timestamp() AS now');
  if (!row) throw new Error('the database does not tell the time');
  return row.now;
}

/** The process that writes the ledger from now on; the exchange of the city no longer does. */
async function ledgerApart(city: RunningCity, processes: Processes): Promise<ExtraExchange> {
  const ledger = new ExtraExchange(city, { name: 'exchange-ledger', port: 8, roles: 'ledger' }, []);
  await ledger.start();
  writeFileSync(rolesFile(city.dir), 'ingest,delivery');
  processes.kill('exchange');
  await eventually(async () => {
    const { status } = await fetch(`${city.url('exchange')}/v1/unreadable-messages`);
    if (status !== 404) throw new Error('the exchange of the city writes the ledger still');
  }, healMs);
  return ledger;
}

async function disturbVerdict(scene: Scene, options: ChaosOptions): Promise<Verdict> {
  const promise = 'whatever happened, the city went on';
  try {
    const happened = await disturb(scene, options);
    return { promise, holds: true, seen: `${happened} disturbances` };
  } catch (error) {
    return { promise, holds: false, seen: error instanceof Error ? error.message : String(error) };
  }
}

/** How many disturbances there were. Errors: when the city does not go on far enough for the next one. */
async function disturb(scene: Scene, options: ChaosOptions): Promise<number> {
  const { seconds, pauseSeconds, say } = options;
  const { random, load, puller } = scene;
  await load.untilAllForms();
  const end = performance.now() + seconds * 1000;
  const all = disturbances(scene, options);
  let happened = 0;
  for (const { name, run: happen } of dealt(all, random)) {
    if (happened >= all.length && performance.now() > end) break;
    await pause((0.2 + 0.8 * random()) * pauseSeconds * 1000);
    say(`${name}; ${load.acknowledged.size} events acknowledged, ${puller.inbox.received.size} pulled`);
    await happen();
    happened += 1;
  }
  return happened;
}

/** Each once in random order, and then without end those that can happen again. */
function* dealt(all: Disturbance[], random: () => number): Generator<Disturbance> {
  yield* shuffled(all, random);
  const again = all.filter(({ isOnce }) => !isOnce);
  for (;;) yield* shuffled(again, random);
}

async function healthVerdict(city: RunningCity): Promise<Verdict> {
  const began = performance.now();
  let last = '';
  const holds = await reached(async () => {
    const { code, output } = await city.govbus('status');
    last = output;
    return code === 0;
  }, healMs);
  const tookSeconds = ((performance.now() - began) / 1000).toFixed(0);
  return {
    promise: 'all services are healthy again without help',
    holds,
    seen: holds ? `after ${tookSeconds} s` : last.replaceAll('\n', '; '),
  };
}

/** The head of the ledger once it holds all that was acknowledged, or where it stands still. */
function settledHead(city: RunningCity, datasetId: string, atLeast: number): Promise<number> {
  const sql = 'SELECT coalesce(max(position), 0)::int AS head FROM events WHERE dataset_id = $1';
  return catchesUp(async () => (await query<{ head: number }>(city, sql, [datasetId]))[0]?.head ?? 0, atLeast);
}

/** Waits until `count` reaches `goal`, for as long as it grows: a long backlog may take its time. Gives the last count. */
async function catchesUp(count: () => Promise<number>, goal: number): Promise<number> {
  let last = -1;
  while (last < goal) {
    const before = last;
    const moved = await reached(async () => (last = await count()) > before, healMs);
    if (!moved) break;
  }
  return last;
}

/** Whether it comes to be so in time. */
const reached = (isSo: () => boolean | Promise<boolean>, deadlineMs: number): Promise<boolean> =>
  eventually(async () => {
    if (!(await isSo())) throw new Error('not yet');
    return true;
  }, deadlineMs).catch(() => false);
