import { type Contract, Conflict, Invalid, NotFound } from '@govbus/contracts';
import type { KafkaMessage } from 'kafkajs';
import type { DataSource } from 'typeorm';
import {
  clock,
  effectsOf,
  envelopeOf,
  eventually,
  newContract,
  newDatabase,
  type NoteV1,
  sendRaw,
  startServer,
} from './harness.shared.spec';
import { Inbox } from './inbox';
import { park } from './parked-messages';
import { ParkedMessages } from './parked-messages';

let db: DataSource;
let contract: Contract<NoteV1>;
beforeEach(async () => {
  db = await newDatabase();
  contract = await newContract();
});

/** Writes each note once; refuses or fails as the note's key says, while `isBroken`. */
function start(isBroken: () => boolean, log = (): void => undefined): ParkedMessages {
  const inbox = new Inbox(db, 'spec', clock);
  const server = startServer(
    contract,
    db,
    (message) =>
      inbox.process(contract, message, async ({ data }, tx) => {
        await tx.query('INSERT INTO effects (key, place) VALUES ($1, $2)', [data.key, data.place]);
        if (isBroken() && data.key === 'refused') throw new Conflict('note.refused', 'the note is refused\0');
        if (isBroken() && data.key === 'failing') throw new Error('planted');
      }),
    { log },
  );
  return new ParkedMessages(db, clock, (value) => server.dispatch(value));
}
const note = (key: string, place: number): string => envelopeOf(contract, { key, place });

describe('a message that cannot be handled', () => {
  it('is parked with reason and count, and those behind it on its partition go on', async () => {
    await sendRaw(contract.topic, [
      'not JSON',
      '{"no": "type"}',
      envelopeOf(contract, { key: 'planted', place: 'planted' }),
      note('refused', 1),
      note('failing', 2),
      null,
      JSON.stringify({ type: 'spec.of-nobody.v1' }),
      note('good', 3),
    ]);
    const parked = start(() => true);
    await eventually(async () => expect(await effectsOf(db)).toEqual([{ key: 'good', place: 3 }]));

    const { items } = await parked.list({ limit: 50 });
    expect(items.map(({ offset, code, attempts, type }) => [offset, code, attempts, type])).toEqual([
      ['0', 'message.malformed', 1, null],
      ['1', 'message.malformed', 1, null],
      ['2', 'message.invalid', 1, contract.type],
      ['3', 'note.refused', 1, contract.type],
      ['4', 'handler.failed', 3, contract.type],
    ]);
    expect(items[3]).toMatchObject({ topic: contract.topic, partition: 0, detail: 'the note is refused' });
    expect(JSON.stringify(items)).not.toContain('planted');
    expect(await parked.count()).toBe(5);
  });

  it('is replayed once its cause is gone, and has one effect however often', async () => {
    await sendRaw(contract.topic, [note('failing', 1), note('refused', 2), 'not JSON', note('good', 3)]);
    let isBroken = true;
    const parked = start(() => isBroken);
    await eventually(async () => expect(await effectsOf(db)).toHaveLength(1));
    const { items } = await parked.list({ limit: 50 });
    const [failing, refused, malformed] = items.map(({ id }) => id);

    const replay = (id = '', note = (): Promise<unknown> => Promise.resolve()) => parked.replay(id, note);
    await expect(replay(failing)).rejects.toThrow('planted');
    await expect(replay(refused)).rejects.toThrow(Conflict);
    expect(await parked.count()).toBe(3);
    isBroken = false;
    // Nothing is marked whose audit entry is not written.
    await expect(replay(failing, () => Promise.reject(new Error('no entry')))).rejects.toThrow('no entry');
    expect(await parked.count()).toBe(3);
    for (const id of [failing, refused, failing]) await replay(id);
    expect(await effectsOf(db)).toEqual([
      { key: 'good', place: 3 },
      { key: 'failing', place: 1 },
      { key: 'refused', place: 2 },
    ]);
    expect((await parked.get(failing ?? '')).replayedAt).toBeInstanceOf(Date);
    expect(await parked.count()).toBe(1);
    // Nor once its id is forgotten.
    await db.query('DELETE FROM inbox');
    await replay(failing, () => Promise.reject(new Error('noted again')));
    expect(await effectsOf(db)).toHaveLength(3);
    // What is parked anew in the place of one that was replayed waits to be replayed, too; one that waits stays.
    const again = async (id = '') => {
      const { topic, partition, offset } = await parked.get(id);
      const message = { offset, key: null, value: Buffer.from('another') } as KafkaMessage;
      await park(db, { topic, partition, message, type: undefined, attempts: 1, err: new Error('x') }, new Date());
      return parked.get(id);
    };
    expect(await again(refused)).toMatchObject({ replayedAt: null, code: 'handler.failed' });
    expect(await again(malformed)).toMatchObject({ code: 'message.malformed' });
    expect(await parked.count()).toBe(2);
    await expect(replay(malformed)).rejects.toThrow(Invalid);
    await expect(replay('999999')).rejects.toThrow(NotFound);
    await expect(replay('1 OR 1=1')).rejects.toThrow(Invalid);
  });

  it('is listed page by page', async () => {
    await sendRaw(contract.topic, [...Array<string>(5).fill('not JSON'), note('good', 1)]);
    const parked = start(() => true);
    await eventually(async () => expect(await effectsOf(db)).toHaveLength(1));
    const first = await parked.list({ limit: 3 });
    const second = await parked.list({ limit: 3, cursor: first.nextCursor });
    expect([...first.items, ...second.items].map(({ offset }) => offset)).toEqual(['0', '1', '2', '3', '4']);
    expect(second.nextCursor).toBeUndefined();
    await expect(parked.list({ limit: 3, cursor: 'forged' })).rejects.toThrow(Invalid);
  });
});

describe('a message that comes again', () => {
  it('has one effect', async () => {
    const twice = envelopeOf(contract, { key: 'twice', place: 1 }, 'the same id');
    await sendRaw(contract.topic, [twice, twice, note('other', 2), twice, note('last', 3)]);
    start(() => false);
    await eventually(async () => expect((await effectsOf(db)).at(-1)?.key).toBe('last'));
    expect((await effectsOf(db)).map(({ key }) => key)).toEqual(['twice', 'other', 'last']);
  });
});

describe('a fault outside the handlers', () => {
  it('does not leave the consumer at rest', async () => {
    // kafkajs gives up for good on a TypeError that reaches it.
    let faults = 0;
    const log = (): void => {
      if (++faults === 1) throw new TypeError('planted');
    };
    await sendRaw(contract.topic, ['not JSON', note('good', 1)]);
    const parked = start(() => false, log);
    await eventually(async () => expect(await effectsOf(db)).toHaveLength(1));
    expect(await parked.count()).toBe(1);
  });
});
