import 'reflect-metadata';
import { BatchReader, Producer, type RawMessage } from '@govbus/messaging';
import { eventually } from '@govbus/testing';
import { type Caller, consumer, event, Exchange, marker, provider } from '../exchange.int.spec';
import { DatasetCopy } from '../datasets/dataset.entity';
import { Datasets } from '../datasets/datasets';
import { LedgerWriter } from './ledger-writer';
import { isWrittenOnce, refusedType, refuseInDatabase } from './ledger-writing.shared.spec';
import { LedgerWorker } from './ledger.worker';

let exchange: Exchange;
let publisher: Caller;

beforeAll(async () => {
  exchange = await Exchange.start();
  publisher = await exchange.system(provider, ['events:publish']);
}, 60_000);
afterAll(() => exchange.stop());

const statusOf = async (datasetId: string, id: string) => {
  const at = `/v1/events/status?source=${encodeURIComponent(`/tests/${datasetId}`)}&id=${id}`;
  return (await exchange.call('GET', at, publisher)).body;
};
const positionsOf = async (datasetId: string): Promise<[string, number][]> => {
  const rows = await exchange.db.query<{ event_id: string; position: string }[]>(
    'SELECT event_id, position FROM events WHERE dataset_id = $1 ORDER BY position',
    [datasetId],
  );
  return rows.map((row) => [row.event_id, Number(row.position)]);
};

describe('the ledger', () => {
  it('takes the same event once, and keeps another one under its id as a conflict', async () => {
    const { datasetId } = await exchange.dataset();
    const original = event(datasetId, '1');
    for (const again of [original, original, event(datasetId, '1', { area: 'south' }), event(datasetId, '2')])
      expect((await exchange.publish(publisher, again)).status).toBe(202);
    await exchange.ledgerAt(datasetId, 2);
    expect(await positionsOf(datasetId)).toEqual([
      ['1', 1],
      ['2', 2],
    ]);
    expect(await statusOf(datasetId, '1')).toMatchObject({ status: 'conflict', datasetId, position: 1 });
    expect(await statusOf(datasetId, '2')).toMatchObject({ status: 'stored', position: 2 });
    const ledger = await exchange.call('GET', `/v1/datasets/${datasetId}/ledger`, publisher);
    expect(ledger.body).toEqual({ datasetId, firstPosition: 1, lastPosition: 2, events: 2, records: 2, conflicts: 1 });
  });

  it('takes an event although another department has used its source and id in a dataset of its own', async () => {
    const { datasetId } = await exchange.dataset();
    const theirs = (await exchange.dataset({ responsibleDepartment: consumer })).datasetId;
    const neighbour = await exchange.system(consumer, ['events:publish']);
    const source = `/tests/${datasetId}`;
    expect(await exchange.publish(neighbour, { ...event(theirs, '1'), source })).toMatchObject({ status: 202 });
    await exchange.ledgerAt(theirs, 1);
    expect(await exchange.publish(publisher, event(datasetId, '1'))).toMatchObject({ status: 202 });
    await exchange.ledgerAt(datasetId, 1);
    expect(await statusOf(datasetId, '1')).toMatchObject({ status: 'stored', datasetId, position: 1 });
    const url = `/v1/events/status?source=${encodeURIComponent(source)}&id=1`;
    expect((await exchange.call('GET', url, neighbour)).body).toMatchObject({ status: 'stored', datasetId: theirs });
    expect((await exchange.call('GET', `${url}&dataset=${datasetId}`, neighbour)).body).toEqual({ status: 'unknown' });
  });

  it('handles duplicates within one batch', async () => {
    const { datasetId } = await exchange.dataset();
    const batch = ['1', '2', '1', '3', '2'].map((id) => event(datasetId, id, { key: 'same' }));
    expect(await exchange.publishBatch(publisher, batch)).toMatchObject({ status: 202, body: { accepted: 5 } });
    await exchange.ledgerAt(datasetId, 3);
    const ledger = await exchange.call('GET', `/v1/datasets/${datasetId}/ledger`, publisher);
    expect(ledger.body).toMatchObject({ events: 3, records: 1, conflicts: 0 });
  });

  it('records each publication with its exact count and digest, without payload', async () => {
    const { datasetId } = await exchange.dataset();
    await exchange.publishBatch(publisher, [event(datasetId, '1'), event(datasetId, '2')]);
    await exchange.ledgerAt(datasetId, 2);
    const entries = (await exchange.entries(datasetId)).filter((entry) => entry.action === 'publish');
    expect(entries.reduce((sum, entry) => sum + Number(entry.records), 0)).toBe(2);
    expect(entries[0]).toMatchObject({
      outcome: 'done',
      actor: { id: publisher.id, kind: 'system', department: provider },
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await exchange.outboxText()).not.toContain(marker);
  });

  it('parks what it cannot read and goes on with what is behind it', async () => {
    const { datasetId } = await exchange.dataset();
    const producer = new Producer({ brokers: exchange.config.brokers, clientId: 'spec' });
    await producer.connect();
    const poison = ['not json', '[]', '{"id":"x"}', `{"dataset":"${datasetId}","data":{}}`];
    poison.push(JSON.stringify({ ...busEvent(datasetId, 'late'), recordedtime: '+200000-01-01T00:00:00.000Z' }));
    for (const value of poison) await producer.send({ topic: 'bus.events', key: datasetId, value });
    await producer.disconnect();
    await exchange.publish(publisher, event(datasetId, 'behind'));
    await exchange.ledgerAt(datasetId, 1);
    const parked = await exchange.db.query<{ reason: string }[]>(
      'SELECT reason FROM unreadable_messages WHERE message_key = $1',
      [Buffer.from(datasetId)],
    );
    expect(parked).toHaveLength(poison.length);
  });

  it('finds and parks the one message that the database refuses', async () => {
    const { datasetId } = await exchange.dataset();
    const writer = exchange.app.get(LedgerWriter);
    const message = (offset: bigint, over: object = {}) => busMessage(datasetId, offset, over);
    await refuseInDatabase(exchange.db);
    const poison = message(2n, { type: refusedType });
    const messages = [message(0n), message(1n), poison, message(3n)];
    await writer.write('spec.topic', 0, messages);
    await writer.write('spec.topic', 0, messages);
    expect((await positionsOf(datasetId)).map(([id]) => id)).toEqual(['0', '1', '3']);
    expect(await exchange.db.query('SELECT 1 FROM unreadable_messages WHERE topic = $1', ['spec.topic'])).toHaveLength(
      1,
    );
    expect(await writer.nextOffset('spec.topic', 0)).toBe(4n);
    // What lies below the stored offset was written before, whatever a late reader says it is.
    await writer.write('spec.topic', 0, [message(3n, { id: 'late' }), message(4n)]);
    expect((await positionsOf(datasetId)).map(([id]) => id)).toEqual(['0', '1', '3', '4']);
  });

  it('finds the key of a record of a dataset that this process has not heard of', async () => {
    const { datasetId: known } = await exchange.dataset();
    const { manager } = exchange.db;
    const datasetId = `${known}-new`;
    // As another process commits it, whose notification is on its way.
    await manager.save(DatasetCopy, {
      ...(await manager.findOneByOrFail(DatasetCopy, { datasetId: known })),
      datasetId,
    });
    expect(exchange.app.get(Datasets).get(datasetId)).toBeUndefined();
    const value = Buffer.from(JSON.stringify(busEvent(datasetId, '1')));
    await exchange.app.get(LedgerWriter).write('spec.unheard-of', 0, [{ offset: 0n, key: null, timestamp: 0, value }]);
    const latest = await exchange.db.query('SELECT record_key FROM latest_records WHERE dataset_id = $1', [datasetId]);
    expect(latest).toEqual([{ record_key: 'key-1' }]);
  });

  it('keeps positions dense when its reader is stopped and started while events come in', async () => {
    const { datasetId } = await exchange.dataset();
    const worker = exchange.app.get(LedgerWorker);
    let sent = 0;
    for (let round = 0; round < 4; round += 1) {
      const batches = Array.from({ length: 5 }, () =>
        exchange.publishBatch(
          publisher,
          Array.from({ length: 40 }, () => event(datasetId, String((sent += 1)))),
        ),
      );
      await Promise.all(batches);
      await worker.stop();
      await worker.start();
    }
    await exchange.ledgerAt(datasetId, 800);
    const positions = await positionsOf(datasetId);
    expect(positions.map(([, position]) => position)).toEqual(Array.from({ length: 800 }, (_, i) => i + 1));
    expect(new Set(positions.map(([id]) => id)).size).toBe(800);
    await isWrittenOnce(exchange, datasetId, 800);
  }, 60_000);

  it('lets a second reader of the same partition write nothing twice', async () => {
    const { datasetId } = await exchange.dataset();
    const writer = exchange.app.get(LedgerWriter);
    // A reader of another group starts at the beginning: the very messages that the first one writes.
    const second = new BatchReader({
      brokers: exchange.config.brokers,
      clientId: 'second',
      groupId: `${exchange.config.LEDGER_GROUP}.second`,
      topic: 'bus.events',
      log: () => undefined,
      startAt: () => Promise.resolve(undefined),
      onBatch: (partition, messages) => writer.write('bus.events', partition, messages),
    });
    await second.start();
    await exchange.publishBatch(
      publisher,
      Array.from({ length: 100 }, (_, i) => event(datasetId, String(i))),
    );
    await exchange.ledgerAt(datasetId, 100);
    await second.stop();
    await eventually(async () => expect(await positionsOf(datasetId)).toHaveLength(100));
    await isWrittenOnce(exchange, datasetId, 100);
  });

  it('lets one of two writers at the same place wait for the other, and then pass over what that one wrote', async () => {
    const { datasetId } = await exchange.dataset();
    const writer = exchange.app.get(LedgerWriter);
    const topic = 'spec.fenced';
    await writer.write(topic, 0, [busMessage(datasetId, 0n)]);
    const messages = [1n, 2n, 3n].map((offset) => busMessage(datasetId, offset));
    const holder = exchange.db.createQueryRunner();
    try {
      await holder.startTransaction();
      await holder.query('SELECT FROM dataset_heads WHERE dataset_id = $1 FOR UPDATE', [datasetId]);
      const both = Promise.all([writer.write(topic, 0, messages), writer.write(topic, 0, messages)]);
      // In the middle of it, both of them: a writer without its fence would have read the place before it moved.
      await eventually(async () => expect(await waiting(exchange)).toHaveLength(2));
      await holder.commitTransaction();
      await both;
    } finally {
      if (holder.isTransactionActive) await holder.rollbackTransaction();
      await holder.release();
    }
    expect((await positionsOf(datasetId)).map(([id]) => id)).toEqual(['0', '1', '2', '3']);
    expect(await writer.nextOffset(topic, 0)).toBe(4n);
    await isWrittenOnce(exchange, datasetId, 4);
  });

  it('stores nothing of a batch whose place in Kafka is not stored with it', async () => {
    const { datasetId } = await exchange.dataset();
    const writer = exchange.app.get(LedgerWriter);
    const topic = 'spec.unmoved';
    await writer.write(topic, 0, [busMessage(datasetId, 0n)]);
    await exchange.db.query(`
      CREATE FUNCTION keep_place() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'planted'; END $$;
      CREATE TRIGGER unmoved BEFORE UPDATE ON kafka_offsets FOR EACH ROW
        WHEN (NEW.topic = '${topic}') EXECUTE FUNCTION keep_place()`);
    const messages = [1n, 2n].map((offset) => busMessage(datasetId, offset));
    await expect(writer.write(topic, 0, messages)).rejects.toThrow('planted');
    expect((await positionsOf(datasetId)).map(([id]) => id)).toEqual(['0']);
    expect(await writer.nextOffset(topic, 0)).toBe(1n);
    await isWrittenOnce(exchange, datasetId, 1);
    await exchange.db.query('DROP TRIGGER unmoved ON kafka_offsets');
    await writer.write(topic, 0, messages);
    expect((await positionsOf(datasetId)).map(([id]) => id)).toEqual(['0', '1', '2']);
    expect(await writer.nextOffset(topic, 0)).toBe(3n);
    await isWrittenOnce(exchange, datasetId, 3);
  });
});

function busEvent(dataset: string, id: string): object {
  const recordedtime = '2026-11-24T10:00:00.000Z';
  const digest = id.padStart(64, '0');
  return { ...event(dataset, id), publisher: 'spec', recordedtime, schemaversion: 1, digest };
}

/** A message whose event has its offset as id. */
const busMessage = (datasetId: string, offset: bigint, over: object = {}): RawMessage => ({
  offset,
  key: null,
  timestamp: 0,
  value: Buffer.from(JSON.stringify({ ...busEvent(datasetId, String(offset)), ...over })),
});

/** Who waits for a lock of the exchange's database. */
const waiting = ({ db }: Exchange): Promise<object[]> =>
  db.query(`SELECT query FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`);
