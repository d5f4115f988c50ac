import { setTimeout as pause } from 'node:timers/promises';
import type { Contract } from '@govbus/contracts';
import {
  clock,
  effectsOf,
  envelopeOf,
  eventually,
  kafka,
  newContract,
  newDatabase,
  type NoteV1,
  sendRaw,
  startServer,
} from './harness.shared.spec';
import { Inbox } from './inbox';

/** Begins to handle notes; one of the key `held` waits until `release`, and is put down as it ends. */
async function start(kind: Contract<NoteV1>['kind'], notes: NoteV1[]) {
  const db = await newDatabase();
  const contract = { ...(await newContract()), kind };
  const inbox = new Inbox(db, 'spec', clock);
  let isHeld = true;
  const steps: string[] = [];
  await sendRaw(
    contract.topic,
    notes.map((note) => envelopeOf(contract, note)),
    (i) => notes[i]?.key ?? '',
  );
  const server = startServer(contract, db, async (message) => {
    const { key } = (message as { data: NoteV1 }).data;
    steps.push(`${key} begins`);
    while (isHeld && key === 'held') await pause(10);
    await inbox.process(contract, message, async ({ data }, tx) => {
      await tx.query('INSERT INTO effects (key, place) VALUES ($1, $2)', [data.key, data.place]);
    });
    steps.push(`${key} ends`);
  });
  return { db, contract, server, steps, release: () => (isHeld = false) };
}
const note = (key: string, place: number): NoteV1 => ({ key, place });
const committedOf = async (topic: string): Promise<string | undefined> => {
  const admin = kafka().admin();
  await admin.connect();
  const [found] = await admin.fetchOffsets({ groupId: `group-${topic}`, topics: [topic] });
  await admin.disconnect();
  return found?.partitions[0]?.offset;
};

describe('messages of one partition', () => {
  it('do not wait for records of other keys, and keep the order of their own', async () => {
    const { db, release } = await start('record', [note('held', 1), note('b', 1), note('c', 1), note('b', 2)]);
    await eventually(async () => expect(await effectsOf(db)).toHaveLength(2));
    // The second of b begins a group of its own: the one that is held ends before it.
    expect((await effectsOf(db)).sort((x, y) => (x.key < y.key ? -1 : 1))).toEqual([note('b', 1), note('c', 1)]);
    release();
    await eventually(async () => expect(await effectsOf(db)).toHaveLength(4));
    expect((await effectsOf(db)).slice(2)).toEqual([note('held', 1), note('b', 2)]);
  });

  it('are committed when all before them are handled, not earlier', async () => {
    const { db, contract, server, release } = await start('record', [note('a', 1), note('held', 1), note('c', 1)]);
    await eventually(async () => expect(await effectsOf(db)).toHaveLength(2));
    expect(await committedOf(contract.topic)).not.toBe('3');
    release();
    await server.close();
    expect(await effectsOf(db)).toHaveLength(3);
    await eventually(async () => expect(await committedOf(contract.topic)).toBe('3'));
  });

  it('wait for the event before them', async () => {
    const { steps, release } = await start('event', [note('held', 1), note('b', 1)]);
    await eventually(() => expect(steps).toEqual(['held begins']));
    release();
    await eventually(() => expect(steps).toEqual(['held begins', 'held ends', 'b begins', 'b ends']));
  });
});
