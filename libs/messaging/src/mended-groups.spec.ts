import { createRequire } from 'node:module';
import { mendGroup, mendRunner } from './mended-groups';

type Seeks = Map<unknown, unknown> & { set: (topic: string, partition: number, offset?: string) => unknown };
type Class<T> = { new (...of: never[]): T; prototype: T };
type Group = Parameters<typeof mendGroup>[0];

const load = createRequire(__filename);
const ConsumerGroup = load('kafkajs/src/consumer/consumerGroup') as Class<Group>;
const Runner = load('kafkajs/src/consumer/runner') as Class<Parameters<typeof mendRunner>[0]>;
const Seeks = load('kafkajs/src/consumer/seekOffsets') as Class<Seeks>;
class MendedGroup extends ConsumerGroup {}
mendGroup(MendedGroup.prototype);
class MendedRunner extends Runner {}
mendRunner(MendedRunner.prototype);

const logger = { debug: () => undefined, info: () => undefined };
/** One of a class that knows nothing but what is given. */
const one = <T extends object, U extends object>(Of: Class<T>, known: U): T & U =>
  Object.assign(Object.create(Of.prototype) as T, known);

describe('a seek whose commit fails', () => {
  const seekTwice = async (Of: Class<Group>) => {
    const gone: string[] = [];
    let fails = true;
    const offsetManager = {
      seek: ({ partition, offset }: { partition: number; offset: string }) => {
        if (fails && partition === 1) return Promise.reject(new Error('no coordinator'));
        gone.push(`${partition}@${offset}`);
        return Promise.resolve();
      },
      resolveOffsets: () => Promise.resolve(),
    };
    const seekOffset = new Seeks();
    for (const [partition, offset] of [
      [0, '5'],
      [1, '7'],
      [2, '9'],
    ] as const)
      seekOffset.set('t', partition, offset);
    const group = one(Of, { seekOffset, offsetManager, logger });
    const all = [{ topic: 't', partitions: [0, 1, 2] }];
    await expect(group.seekOffsets(all)).rejects.toThrow('no coordinator');
    // Somebody has another place in mind by now.
    seekOffset.set('t', 2, '11');
    fails = false;
    await group.seekOffsets(all);
    return { gone, left: seekOffset.size };
  };

  it('is made again, unless there is a newer one', async () => {
    expect(await seekTwice(MendedGroup)).toEqual({ gone: ['0@5', '0@5', '1@7', '2@11'], left: 0 });
  });

  it('is forgotten by kafkajs alone, so that this is still needed', async () => {
    expect(await seekTwice(ConsumerGroup)).toEqual({ gone: ['0@5', '2@11'], left: 0 });
  });
});

describe('an assignment that does not arrive', () => {
  const generationAfter = async (Of: Class<Group>) => {
    const coordinator = {
      joinGroup: () => Promise.resolve({ generationId: 7, leaderId: 'other', memberId: 'm', members: [] }),
      syncGroup: () => Promise.reject(new Error('no answer')),
    };
    const cluster = {
      findGroupCoordinator: () => Promise.resolve(coordinator),
      findTopicPartitionMetadata: () => [],
    };
    const retrier = (attempt: (bail: (error: Error) => void) => Promise<void>) =>
      new Promise<void>((resolve, reject) => void attempt(reject).then(resolve, reject));
    const known = { generationId: 6, topicsSubscribed: [], assigners: [], cluster, retrier, logger };
    const group = one(Of, known);
    await expect(group.joinAndSync()).rejects.toThrow('no answer');
    return group.generationId;
  };

  it('leaves no generation in which heartbeats would be taken', async () => {
    expect(await generationAfter(MendedGroup)).toBe(-1);
  });

  it('leaves the new one with kafkajs alone, so that this is still needed', async () => {
    expect(await generationAfter(ConsumerGroup)).toBe(7);
  });
});

describe('what was handled and could not be committed', () => {
  const commitsOf = async (Of: Class<Parameters<typeof mendRunner>[0]>) => {
    const tried: boolean[] = [];
    let fails = true;
    const consumerGroup = {
      heartbeat: () => Promise.resolve(),
      commitOffsets: () => (
        tried.push(!fails),
        fails ? Promise.reject(new Error('no coordinator')) : Promise.resolve()
      ),
    };
    const instrumentationEmitter = { emit: () => undefined };
    const eachBatch = () => Promise.resolve();
    const runner = one(Of, {
      consumerGroup,
      instrumentationEmitter,
      eachBatch,
      running: true,
      autoCommit: true,
      logger,
    });
    const offsets = { offsetLag: () => '0', offsetLagLow: () => '0', firstOffset: () => null, lastOffset: () => '1' };
    const batch = (messages: object[]) => ({
      ...{ messages, isEmpty: () => messages.length === 0, isEmptyDueToFiltering: () => false, ...offsets },
    });
    await runner.handleBatch(batch([]));
    expect(tried).toEqual([]);
    await expect(runner.handleBatch(batch([{ offset: '1' }]))).rejects.toThrow('no coordinator');
    fails = false;
    for (let n = 0; n < 3; n += 1) await runner.handleBatch(batch([]));
    return tried;
  };

  it('is committed when nothing more comes, and once', async () => {
    expect(await commitsOf(MendedRunner)).toEqual([false, true]);
  });

  it('waits for the next message with kafkajs alone, so that this is still needed', async () => {
    expect(await commitsOf(Runner)).toEqual([false]);
  });
});
