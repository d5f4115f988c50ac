import { mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startPostgres } from '@govbus/embedded';
import {
  atEnd,
  clock,
  effectsOf,
  envelopeOf,
  eventually,
  kafka,
  newContract,
  newDatabase,
  sendRaw,
  startServer,
} from './harness.shared.spec';
import { Inbox } from './inbox';

it('parks nothing while the database is away, keeps the offset, and goes on when it is back', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'govbus-spec-'));
  atEnd(() => rm(dir, { recursive: true, force: true }));
  const port = await freePort();
  const first = await startPostgres({ dir, port });
  atEnd(() => first.stop());
  const db = await newDatabase(first.url);
  const contract = await newContract();
  const inbox = new Inbox(db, 'spec', clock);
  const failures: object[] = [];
  startServer(
    contract,
    db,
    (message) =>
      inbox.process(contract, message, async ({ data }, tx) => {
        await tx.query('INSERT INTO effects (key, place) VALUES ($1, $2)', [data.key, data.place]);
      }),
    { attempts: 2, log: (_, fields, message) => message === 'message not handled' && failures.push(fields) },
  );
  await sendRaw(contract.topic, [envelopeOf(contract, { key: 'before', place: 1 })]);
  await eventually(async () => expect(await effectsOf(db)).toHaveLength(1));

  process.kill(Number(readFileSync(join(dir, 'postmaster.pid'), 'utf8').split('\n')[0]), 'SIGKILL');
  // Its children answer until they see that it is gone.
  await eventually(() => expect(db.query('SELECT 1')).rejects.toThrow());
  await sendRaw(contract.topic, [
    envelopeOf(contract, { key: 'away', place: 2 }),
    envelopeOf(contract, { key: 'behind', place: 3 }),
  ]);
  // More often than the tries that a message has: they do not count.
  await eventually(() => expect(failures.length).toBeGreaterThan(4));
  expect(failures).toEqual(failures.map(() => expect.objectContaining({ offset: '1', isAway: true }) as object));
  const admin = kafka().admin();
  await admin.connect();
  const [committed] = await admin.fetchOffsets({ groupId: `group-${contract.topic}`, topics: [contract.topic] });
  await admin.disconnect();
  expect(committed?.partitions).toEqual([expect.objectContaining({ partition: 0, offset: '1' })]);

  await first.stop();
  // The killed server's children need a moment to see that it is gone.
  const second = await eventually(() => startPostgres({ dir, port }));
  atEnd(() => second.stop());
  await eventually(async () =>
    expect((await effectsOf(db)).map(({ key }) => key)).toEqual(['before', 'away', 'behind']),
  );
  expect(await db.query('SELECT * FROM parked_messages')).toEqual([]);
});
