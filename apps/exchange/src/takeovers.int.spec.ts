import { createHash, randomInt } from 'node:crypto';
import type { DeliveredEvent } from '@govbus/contracts';
import { Producer, replayTopic, topicRanges } from '@govbus/messaging';
import { eventually } from '@govbus/testing';
import type { QueryRunner } from 'typeorm';
import { type Caller, consumer, event, Exchange, provider } from './exchange.int.spec';
import type { ExchangeProcess } from './exchange-process.shared.spec';
import { HeldWebhook, range, startNamed, stored } from './takeovers.shared.spec';

jest.setTimeout(300_000);

const names = ['one.test', 'other.test'];
let seed: Exchange;
let publisher: Caller;
let reader: Caller;
const running = new Map<string, ExchangeProcess>();
const ends: (() => unknown)[] = [];
beforeEach(async () => {
  seed = await Exchange.start({ EXCHANGE_ROLES: 'ingest,ledger' });
  publisher = await seed.system(provider, ['events:publish']);
  reader = await seed.system(consumer, ['events:read']);
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  for (const exchange of running.values()) await exchange.end('SIGKILL');
  running.clear();
  await seed.stop();
});

/** Two exchanges that do the same; either may be the one that takes the work. */
async function startBoth(roles: string, over: object = {}): Promise<ExchangeProcess> {
  for (const name of names) running.set(name, await startNamed(seed, name, roles, [], over));
  return named(names[0]);
}
function named(name = ''): ExchangeProcess {
  const found = running.get(name);
  if (!found) throw new Error(`no exchange is called ${name}`);
  return found;
}
/** Kills one of the two, and answers the name of the other. */
async function kill(name: string): Promise<string> {
  expect(await named(name).end('SIGKILL')).toEqual([null, 'SIGKILL']);
  return names.find((other) => other !== name) ?? '';
}

/** A place in the database where whoever comes by stays in the middle of its transaction until it is let go. */
class Halt {
  private constructor(
    private readonly holder: QueryRunner,
    private readonly lock: number,
  ) {}

  /** Held for who inserts a row that is so, `NEW` being the row. */
  static async before(table: string, isMeant: string): Promise<Halt> {
    const [holder, lock] = [seed.db.createQueryRunner(), randomInt(2 ** 31)];
    await holder.query('SELECT pg_advisory_lock($1)', [lock]);
    const halt = new Halt(holder, lock);
    ends.push(() => halt.end());
    await seed.db.query(
      `CREATE FUNCTION wait_to_be_let_go() RETURNS trigger LANGUAGE plpgsql AS
         'BEGIN PERFORM pg_advisory_xact_lock(${lock}); RETURN NEW; END';
       CREATE TRIGGER halt BEFORE INSERT ON ${table} FOR EACH ROW WHEN (${isMeant}) EXECUTE FUNCTION wait_to_be_let_go()`,
    );
    return halt;
  }

  /** Waits until one stands there, and answers its name. */
  who(): Promise<string> {
    return eventually(async () => {
      const waiting = await seed.db.query<{ name: string }[]>(
        `SELECT application_name AS name FROM pg_locks JOIN pg_stat_activity USING (pid)
          WHERE locktype = 'advisory' AND objid = $1 AND NOT granted`,
        [this.lock],
      );
      expect(waiting).toHaveLength(1);
      return waiting[0]?.name ?? '';
    }, 60_000);
  }

  letGo(): Promise<unknown> {
    return this.holder.query('SELECT pg_advisory_unlock($1)', [this.lock]);
  }

  private async end(): Promise<void> {
    await this.holder.query('SELECT pg_advisory_unlock_all()');
    await this.holder.release();
  }
}

describe('when an exchange is killed, another one that runs beside it', () => {
  it('delivers to the webhook that was being called: everything in order, again only from that page on', async () => {
    const { agreementId } = await stored(seed, publisher, 450);
    const one = await startBoth('delivery');
    const webhook = await HeldWebhook.start(seed);
    ends.push(() => webhook.stop());
    webhook.hold(3);
    const id = await webhook.subscribe(one, agreementId, reader);
    const heir = await kill(await webhook.holder());
    webhook.answerAll();
    const lease = await webhook.leaseLeft(id);
    expect(lease).toMatchObject({ acked: 200, isOver: false });

    await webhook.isTakenOver(heir, 450, lease);
    await webhook.isRecorded(id);
    await eventually(async () => {
      const { body } = await named(heir).call('GET', `/v1/subscriptions/${id}`, reader);
      expect(body).toMatchObject({ status: 'active', ackedPosition: 450, delivered: 450 });
    });
  });

  it('delivers what was on its way by its keys: everything at least once, those of one key in order', async () => {
    const keyOf = (id: string): string => `key-${Number(id) % 4}`;
    const { agreementId } = await stored(seed, publisher, 60, keyOf);
    const one = await startBoth('delivery');
    const webhook = await HeldWebhook.start(seed);
    ends.push(() => webhook.stop());
    webhook.hold(20);
    const id = await webhook.subscribe(one, agreementId, reader, { order: 'key' });
    const dead = await webhook.holder();
    const heir = await kill(dead);
    webhook.answerAll();
    expect(await webhook.leaseLeft(id)).toMatchObject({ acked: 0, isOver: false });

    await eventually(async () => {
      const { body } = await named(heir).call('GET', `/v1/subscriptions/${id}`, reader);
      expect(body).toMatchObject({ status: 'active', ackedPosition: 60, delivered: 60, webhook: { held: 0 } });
    }, 60_000);
    expect(new Set(webhook.ids)).toEqual(new Set(range(1, 60)));
    for (const key of ['key-0', 'key-1', 'key-2', 'key-3'])
      for (const sender of [dead, heir]) {
        const own = webhook.idsFrom(sender).filter((one) => keyOf(one) === key);
        expect(own.length).toBeGreaterThan(0);
        expect(own).toEqual(range(1, 60).filter((one) => own.includes(one)));
      }
  });

  it('finishes the file that was being written, which nobody could have had before', async () => {
    const { agreementId } = await stored(seed, publisher, 6_000);
    const halt = await Halt.before('export_chunks', 'NEW.chunk = 3');
    const one = await startBoth('delivery');
    const order = { agreementId, purpose: 'case-handling', format: 'ndjson', of: 'events' };
    const ordered = await one.call('POST', '/v1/exports', reader, order);
    expect(ordered.status).toBe(202);
    const path = `/v1/exports/${String(ordered.body.exportId)}`;
    const heir = named(await kill(await halt.who()));
    for (const half of ['/file', '/manifest'])
      expect(await heir.call('GET', path + half, reader)).toMatchObject({
        status: 409,
        body: { code: 'export.not-done' },
      });
    const { body: view } = await heir.call('GET', path, reader);
    expect(view).toMatchObject({ status: 'running', records: 3_000, progress: { share: 0.5 } });
    expect(view.link).toBeUndefined();
    await halt.letGo();
    // What is left of the lease need not be waited for: it lasts three seconds more.
    await seed.db.query(
      `UPDATE exports SET lease_until = least(lease_until, clock_timestamp() + interval '3 s') WHERE export_id = $1`,
      [ordered.body.exportId],
    );

    await eventually(async () => {
      expect((await heir.call('GET', path, reader)).body).toMatchObject({ status: 'done' });
    }, 90_000);
    const content = await heir.file(`${path}/file`, reader);
    const lines = content.toString().trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as DeliveredEvent).id)).toEqual(range(1, 6_000));
    expect((await heir.call('GET', `${path}/manifest`, reader)).body).toMatchObject({
      records: 6_000,
      positions: { first: 1, last: 6_000 },
      bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
    });
    const disclosed = await seed.db.query<{ first: string; last: string }[]>(
      `SELECT first_position AS first, last_position AS last FROM disclosures WHERE export_id = $1 ORDER BY disclosed_at`,
      [ordered.body.exportId],
    );
    expect(disclosed.flatMap(({ first, last }) => range(Number(first), Number(last)))).toEqual(range(1, 6_000));
  });

  it('takes the messages of an inbox that were being taken: each once into the ledger, or rejected', async () => {
    const { datasetId } = await seed.dataset();
    const halt = await Halt.before('outbox', `NEW.value LIKE '%halt-here%'`);
    await startBoth('ingest', { INBOX: 'on' });
    const inbox = `inbox.${publisher.id}`;
    const cluster = { brokers: seed.config.brokers, clientId: 'spec' };
    await eventually(() => topicRanges(cluster, `${inbox}.rejected`), 60_000);
    // Behind the first 500, which are taken together; refused before anything of its batch is on the bus.
    const isRefused = (id: string): boolean => Number(id) % 40 === 0;
    const eventOf = (id: string): object =>
      id === '720' ? event('halt-here', id) : event(datasetId, id, isRefused(id) ? { area: 1 } : {});
    const headers = { 'content-type': 'application/cloudevents+json' };
    const all = range(1, 1_200);
    const accepted = all.filter((id) => !isRefused(id));
    await seed.app
      .get(Producer)
      .sendAll(all.map((id) => ({ topic: inbox, key: null, value: JSON.stringify(eventOf(id)), headers })));
    const inLedger = async (): Promise<string[]> => {
      const rows = await seed.db.query<{ id: string }[]>(
        'SELECT event_id AS id FROM events WHERE dataset_id = $1 ORDER BY position',
        [datasetId],
      );
      return rows.map(({ id }) => id);
    };
    const doomed = await halt.who();
    await eventually(async () => expect((await inLedger()).length).toBeGreaterThan(0));
    await kill(doomed);
    expect((await inLedger()).length).toBeLessThan(accepted.length);
    await halt.letGo();

    await eventually(async () => expect(await inLedger()).toEqual(accepted), 90_000);
    await eventually(async () => {
      const rejected: string[] = [];
      await replayTopic({
        ...cluster,
        topic: `${inbox}.rejected`,
        log: () => undefined,
        startAt: () => Promise.resolve(undefined),
        onBatch: (_, messages) => {
          rejected.push(...messages.map(({ value }) => (JSON.parse(String(value)) as { id: string }).id));
          return Promise.resolve();
        },
      });
      expect([...new Set(rejected)]).toEqual(all.filter(isRefused));
    }, 60_000);
    // What came twice to the bus changed nothing.
    expect(await inLedger()).toEqual(accepted);
  });
});

describe('an exchange that was halted until its lease was over', () => {
  it('changes nothing when the answer to its page comes at last, and begins no page of what another delivers', async () => {
    const { agreementId } = await stored(seed, publisher, 450);
    const one = await startBoth('delivery');
    const webhook = await HeldWebhook.start(seed);
    ends.push(() => webhook.stop());
    webhook.hold(3);
    const id = await webhook.subscribe(one, agreementId, reader);
    const late = await webhook.holder();
    const heir = names.find((name) => name !== late) ?? '';
    const before = webhook.idsFrom(late);
    await named(late).halt();
    webhook.answerAll();
    // The heir has the page that is held, the one behind it, and is in the middle of the last.
    webhook.hold(6);
    await seed.db.query('UPDATE subscriptions SET lease_until = clock_timestamp() WHERE subscription_id = $1', [id]);
    expect(await webhook.holder()).toBe(heir);
    const viewOf = async (at: string) => (await named(at).call('GET', `/v1/subscriptions/${id}`, reader)).body;
    const taken = await viewOf(heir);
    expect(taken).toMatchObject({ ackedPosition: 400, delivered: 400 });

    webhook.answerHeld();
    named(late).signal('SIGCONT');
    // Whether it took the answer, or gave its page up because it was halted for longer than a receiver may take.
    await eventually(async () => expect(await attemptsOf(named(late))).toBe(before.length / 100), 30_000);
    // It goes when its turn has ended.
    expect(await named(late).end('SIGTERM')).toEqual([0, null]);
    expect(await viewOf(heir)).toMatchObject({ status: 'active', ackedPosition: 400, delivered: 400 });
    webhook.letGo();
    await eventually(
      async () => expect(await viewOf(heir)).toMatchObject({ ackedPosition: 450, delivered: 450 }),
      60_000,
    );
    expect(webhook.idsFrom(late)).toEqual(before);
    expect([...new Set(webhook.ids)]).toEqual(range(1, 450));
    await webhook.isRecorded(id);
  });

  /** Of pages, ended in whichever way. */
  async function attemptsOf(exchange: ExchangeProcess): Promise<number> {
    const text = await (await fetch(`${exchange.url}/metrics`)).text();
    const counts = text.matchAll(/^govbus_delivery_attempts_total\{[^}]*mode="webhook"[^}]*\} (\d+)$/gm);
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  }
});
