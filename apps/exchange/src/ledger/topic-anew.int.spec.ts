import 'reflect-metadata';
import { type EmbeddedKafka, startKafka } from '@govbus/embedded';
import { type Caller, event, Exchange, provider } from '../exchange.int.spec';
import { LedgerWorker } from './ledger.worker';

let kafka: EmbeddedKafka;
let exchange: Exchange;
let publisher: Caller;
beforeAll(async () => {
  // Of its own: all of the topic is read again.
  kafka = await startKafka();
  exchange = await Exchange.start({}, { brokers: kafka.brokers });
  publisher = await exchange.system(provider, ['events:publish']);
}, 120_000);
afterAll(async () => {
  await exchange.stop();
  await kafka.stop();
});

it('stores what Kafka holds, each event once, when its topic ends before what the ledger read of it', async () => {
  const { datasetId } = await exchange.dataset();
  const events = Array.from({ length: 30 }, (_, i) => event(datasetId, String(i)));
  await exchange.publishBatch(publisher, events.slice(0, 20));
  await exchange.ledgerAt(datasetId, 20);
  await exchange.app.get(LedgerWorker).stop();
  await exchange.publishBatch(publisher, events.slice(20, 25));
  // As if Kafka had counted much further before it began anew.
  await exchange.db.query('UPDATE kafka_offsets SET next_offset = next_offset + 1000');
  await exchange.app.get(LedgerWorker).start();
  await exchange.ledgerAt(datasetId, 25);
  await exchange.publishBatch(publisher, events.slice(25));
  await exchange.ledgerAt(datasetId, 30);
  const rows = await exchange.db.query<{ event_id: string }[]>(
    'SELECT event_id FROM events WHERE dataset_id = $1 ORDER BY position',
    [datasetId],
  );
  expect(rows.map((row) => row.event_id)).toEqual(events.map(({ id }) => id));
}, 90_000);

// As after a change to a standby that lagged, while nothing was on its way: no connection, and no batch, fails.
it('reads again what its database has lost while it was running', async () => {
  const { datasetId } = await exchange.dataset();
  const events = Array.from({ length: 10 }, (_, i) => event(datasetId, String(i)));
  await exchange.publishBatch(publisher, events);
  await exchange.ledgerAt(datasetId, 10);
  await exchange.db.query('UPDATE kafka_offsets SET next_offset = next_offset - 4 WHERE next_offset >= 10');
  await exchange.publish(publisher, event(datasetId, 'behind'));
  await exchange.ledgerAt(datasetId, 11);
  // Known to be there still, which they are in this spec alone.
  const again = await exchange.db.query<{ event_id: string }[]>(
    'SELECT event_id FROM event_duplicates WHERE dataset_id = $1 ORDER BY event_id',
    [datasetId],
  );
  expect(again.map((row) => row.event_id)).toEqual(['6', '7', '8', '9']);
}, 60_000);
