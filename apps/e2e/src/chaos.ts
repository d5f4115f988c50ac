import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { agreeOn, eventOf, eventually, newDataset, subscribe } from './dataset';
import type { ProcessName, RunningCity } from './running-city';

export type ChaosOptions = { seed: number; seconds: number; say: (text: string) => void };
/** A promise and whether it held. */
export type Verdict = { promise: string; holds: boolean; seen: string };
type Delivered = { id: string; data: { reportId: string; phone?: string } };

const victims: ProcessName[] = [
  'exchange',
  'kafka',
  'postgres',
  'exchange',
  'audit',
  'case-routing',
  'data-catalog',
  'departments',
];

/**
 * Publishes, pulls and receives webhooks while processes are killed in an order that the seed gives, and then compares
 * what was acknowledged with what arrived and what was recorded.
 */
export async function chaos(city: RunningCity, { seed, seconds, say }: ChaosOptions): Promise<Verdict[]> {
  const datasetId = await newDataset(city);
  const agreementId = await agreeOn(city, datasetId);
  const doomedId = await agreeOn(city, datasetId);
  const hook = await Receiver.start();
  const hooked = await subscribe(city, agreementId, 'webhook', { webhook: { url: hook.url } });
  const pulled = await subscribe(city, agreementId, 'pull');
  const doomed = await subscribe(city, doomedId, 'pull');
  const load = new Load(city, datasetId);
  const puller = new Puller(city, pulled);
  const revoked = new Puller(city, doomed);
  const running = [load.run(), puller.run(), revoked.run()];

  const random = randomOf(seed);
  const end = performance.now() + seconds * 1000;
  let revokedAt: number | undefined;
  for (let n = 0; performance.now() < end; n += 1) {
    await pause(2_000 + random() * 3_000);
    const victim = victims[Math.floor(random() * victims.length)] ?? 'exchange';
    const what = city.kill(victim) ? `kill -9 ${victim}` : `${victim} is down already`;
    say(`${what}; ${load.acknowledged.size} events acknowledged, ${puller.received.size} pulled`);
    if (n === 1) revokedAt = await revoke(city, doomedId);
  }
  // A run too short for the revocation is made whole: without it P5 would be judged on nothing.
  revokedAt ??= await revoke(city, doomedId);
  say('no more kills; waiting until everything is whole again');
  load.stop();
  await running[0];
  await healthy(city);
  const lastRevokedRead = revoked.lastReadAt;
  const acknowledged = load.acknowledged.size;
  await eventually(() => check(puller.received.size >= acknowledged, 'all pulled'), 90_000);
  await eventually(() => check(hook.received.size >= acknowledged, 'all sent to the webhook'), 90_000);
  puller.stop();
  revoked.stop();
  await Promise.all(running);
  await hook.stop();
  say('comparing what was acknowledged, what arrived and what was recorded');
  return [
    ...(await ledgerVerdicts(city, datasetId, load.acknowledged)),
    ...deliveryVerdicts(puller, hook),
    ...(await disclosureVerdicts(city, [pulled, hooked], [puller.received, hook.received])),
    {
      promise: 'P5 nothing is read under the revoked agreement',
      holds: revoked.lastReadAt === lastRevokedRead && revoked.lastReadAt <= revokedAt + 1_000,
      seen: `last read began ${Math.round(revoked.lastReadAt - revokedAt)} ms after the revocation`,
    },
    await auditVerdict(city),
  ];
}

/** Revokes, through whatever is down, and gives the moment at which that was answered. */
async function revoke(city: RunningCity, agreementId: string): Promise<number> {
  await eventually(async () => {
    const url = `${city.url('data-catalog')}/v1/agreements/${agreementId}/revoke`;
    const { status } = await city.call('sharing-officer', 'POST', url, { reason: 'chaos' });
    if (status !== 200) throw new Error(`revocation answered ${status}`);
  }, 60_000);
  return performance.now();
}

/** Publishes without a pause; an event counts as acknowledged only when its receipt came. */
class Load {
  readonly acknowledged = new Set<string>();
  private isOver = false;
  private readonly url: string;

  constructor(
    private readonly city: RunningCity,
    private readonly datasetId: string,
  ) {
    this.url = `${city.url('exchange')}/v1/events`;
  }

  stop(): void {
    this.isOver = true;
  }

  async run(): Promise<void> {
    for (let batch = 0; !this.isOver; batch += 1) {
      const ids = Array.from({ length: 20 }, (_, i) => `e-${batch}-${i}`);
      // The same events again until they are acknowledged: what arrives twice is stored once.
      while (!(await this.send(ids))) await pause(100);
      for (const id of ids) this.acknowledged.add(id);
    }
  }

  private async send(ids: string[]): Promise<boolean> {
    const events = ids.map((reportId) =>
      eventOf(this.datasetId, { reportId, category: 'noise', phone: `p-${reportId}` }),
    );
    const type = 'application/cloudevents-batch+json';
    const answer = await this.city.call('reports-system', 'POST', this.url, events, type).catch(() => undefined);
    return answer?.status === 202;
  }
}

/** Pulls and acknowledges; keeps what came by its position, and the order in which positions came first. */
class Puller {
  readonly received = new Map<string, Delivered>();
  lastReadAt = 0;
  private isOver = false;

  constructor(
    private readonly city: RunningCity,
    private readonly subscriptionId: string,
  ) {}

  stop(): void {
    this.isOver = true;
  }

  async run(): Promise<void> {
    const url = `${this.city.url('exchange')}/v1/subscriptions/${this.subscriptionId}`;
    while (!this.isOver) {
      const beganAt = performance.now();
      const page = await this.city
        .call<{ events: Delivered[]; nextCursor: string }>('water-system', 'GET', `${url}/events?limit=200`)
        .catch(() => undefined);
      if (page?.status === 200) {
        this.lastReadAt = beganAt;
        for (const event of page.body.events) if (!this.received.has(event.id)) this.received.set(event.id, event);
        const cursor = { cursor: page.body.nextCursor };
        await this.city.call('water-system', 'POST', `${url}/ack`, cursor).catch(() => undefined);
      }
      if (page?.status !== 200 || page.body.events.length === 0) await pause(100);
    }
  }
}

class Receiver {
  readonly received = new Map<string, Delivered>();

  private constructor(
    readonly url: string,
    readonly stop: () => Promise<void>,
  ) {}

  static async start(): Promise<Receiver> {
    const keep: { into?: Receiver } = {};
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const events = JSON.parse(Buffer.concat(chunks).toString()) as Delivered[];
        for (const event of events) if (!keep.into?.received.has(event.id)) keep.into?.received.set(event.id, event);
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const stop = (): Promise<void> =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      });
    keep.into = new Receiver(`http://127.0.0.1:${port}/`, stop);
    return keep.into;
  }
}

async function healthy(city: RunningCity): Promise<void> {
  await eventually(async () => {
    const { code, output } = await city.govbus('status');
    if (code !== 0) throw new Error(output);
  }, 120_000);
}

async function ledgerVerdicts(city: RunningCity, datasetId: string, acknowledged: Set<string>): Promise<Verdict[]> {
  const rows = await query<{ event_id: string; position: string }>(
    city,
    'SELECT event_id, position FROM events WHERE dataset_id = $1 ORDER BY position',
    [datasetId],
  );
  const stored = new Set(rows.map(({ event_id }) => event_id));
  const lost = [...acknowledged].filter((id) => !stored.has(id));
  const isDense = rows.every(({ position }, i) => Number(position) === i + 1);
  return [
    {
      promise: 'P1 every acknowledged event is in the ledger exactly once',
      holds: lost.length === 0 && stored.size === rows.length && acknowledged.size > 0,
      seen: `${acknowledged.size} acknowledged, ${rows.length} stored, ${lost.length} lost`,
    },
    { promise: 'positions are dense', holds: isDense, seen: `1 to ${rows.length}` },
  ];
}

function deliveryVerdicts(puller: Puller, hook: Receiver): Verdict[] {
  const isOrdered = (received: Map<string, Delivered>): boolean =>
    [...received.keys()].every((id, i, all) => i === 0 || Number(all[i - 1]) < Number(id));
  const texts = [...puller.received.values(), ...hook.received.values()].map(({ data }) => data);
  const isMasked = texts.every(({ phone }) => phone !== undefined && /^[\w-]{22}$/.test(phone));
  return [
    {
      promise: 'the order of a subscription is kept',
      holds: isOrdered(puller.received) && isOrdered(hook.received),
      seen: `${puller.received.size} pulled, ${hook.received.size} by webhook`,
    },
    { promise: 'P4 the mask was never off', holds: isMasked, seen: `${texts.length} records` },
  ];
}

async function disclosureVerdicts(
  city: RunningCity,
  subscriptions: string[],
  received: Map<string, Delivered>[],
): Promise<Verdict[]> {
  const rows = await query<{ subscription_id: string; first: string; last: string }>(
    city,
    `SELECT subscription_id, first_position AS first, last_position AS last FROM disclosures
      WHERE subscription_id = ANY($1::uuid[])`,
    [subscriptions],
  );
  const uncovered = subscriptions.flatMap((subscriptionId, i) => {
    const ranges = rows.filter(({ subscription_id }) => subscription_id === subscriptionId);
    const isCovered = (id: string): boolean =>
      ranges.some(({ first, last }) => Number(first) <= Number(id) && Number(id) <= Number(last));
    return [...(received[i]?.keys() ?? [])].filter((id) => !isCovered(id));
  });
  const seen = `${rows.length} disclosures, ${uncovered.length} records without one`;
  return [{ promise: 'P3 each delivered record has its disclosure', holds: uncovered.length === 0, seen }];
}

async function auditVerdict(city: RunningCity): Promise<Verdict> {
  const { code, output } = await city.govbus('audit', 'verify');
  return { promise: 'P7 the audit log proves itself', holds: code === 0, seen: output.split('\n')[0] ?? '' };
}

async function query<T extends pg.QueryResultRow>(city: RunningCity, sql: string, values: unknown[]): Promise<T[]> {
  const db = new pg.Client({ connectionString: city.databaseUrl('exchange') });
  await db.connect();
  try {
    return (await db.query<T>(sql, values)).rows;
  } finally {
    await db.end();
  }
}

const check = async (isSo: boolean, what: string): Promise<void> => {
  if (!isSo) throw new Error(`not yet: ${what}`);
};

// mulberry32, so that a run can be played again by its seed.
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
