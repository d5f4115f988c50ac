import type { Contract } from '@govbus/contracts';
import type { DataSource } from 'typeorm';
import {
  atEnd,
  brokers,
  clock,
  effectsOf,
  envelopeOf,
  eventually,
  newContract,
  newDatabase,
  type NoteV1,
  startServer,
} from './harness.shared.spec';
import { Inbox } from './inbox';
import type { KafkaBatchServer } from './kafka-batch.server';
import { Producer } from './producer';

let db: DataSource;
let contract: Contract<NoteV1>;
let handled: Record<string, number>;
beforeEach(async () => {
  db = await newDatabase();
  contract = await newContract(6);
  handled = {};
});

function join(name: string): KafkaBatchServer {
  const inbox = new Inbox(db, 'spec', clock);
  return startServer(contract, db, (message) =>
    inbox.process(contract, message, async ({ data }, tx) => {
      await tx.query('INSERT INTO effects (key, place) VALUES ($1, $2)', [data.key, data.place]);
      handled[name] = (handled[name] ?? 0) + 1;
    }),
  );
}

it('two servers share a group; when one joins and one leaves, every message has one effect', async () => {
  const producer = new Producer({ brokers, clientId: 'spec' });
  atEnd(() => producer.disconnect());
  const send = (from: number, count: number): Promise<void> =>
    producer.sendAll(
      Array.from({ length: count }, (_, i) => {
        const data = { key: `key-${(from + i) % 30}`, place: from + i };
        return { topic: contract.topic, key: data.key, value: envelopeOf(contract, data) };
      }),
    );
  const first = join('first');
  await send(0, 300);
  await eventually(() => expect(handled.first).toBeGreaterThan(20));
  join('second');
  let sent = 300;
  // The group divides the partitions while messages keep coming.
  await eventually(async () => {
    // Never far ahead, or a slow machine would have thousands left to handle.
    const done = (handled.first ?? 0) + (handled.second ?? 0);
    if (done >= sent - 60) {
      await send(sent, 60);
      sent += 60;
    }
    expect(handled.second).toBeGreaterThan(20);
  });
  await first.close();
  await send(sent, 300);
  sent += 300;
  await eventually(async () => expect(await effectsOf(db)).toHaveLength(sent));

  const places = (await effectsOf(db)).map(({ place }) => place);
  expect([...places].sort((a, b) => a - b)).toEqual(Array.from({ length: sent }, (_, i) => i));
});
