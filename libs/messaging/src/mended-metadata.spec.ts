import { createRequire } from 'node:module';
import { mendMetadata, mendPool } from './mended-metadata';

type Requests = Parameters<typeof mendMetadata>[0];
type Answer = Parameters<ReturnType<ReturnType<Requests['protocol']>>['response']['parse']>[0];
type Pool = Parameters<typeof mendPool>[0];

const load = createRequire(__filename);
const original = load('kafkajs/src/protocol/requests/metadata') as Requests;
const mended = { ...original };
mendMetadata(mended);
const BrokerPool = load('kafkajs/src/cluster/brokerPool') as { prototype: Pool };

const partition = (partitionErrorCode: number, leader: number) => ({ partitionErrorCode, leader });
const answerOf = (topicErrorCode: number, ...partitionMetadata: ReturnType<typeof partition>[]): Answer => {
  const topic = { topic: 't', topicErrorCode, partitionMetadata };
  return { topicMetadata: [topic] };
};

describe('what is told of a cluster in which a partition has no leader', () => {
  const data = answerOf(0, partition(5, -1), partition(0, 2));
  const parse = ({ protocol }: Requests, version: number, of = data) =>
    protocol({ version })({ topics: [] }).response.parse(of);

  it.each([0, 1, 2, 3, 4, 5, 6])('is all of it, in version %i', async (version) => {
    expect(await parse(mended, version)).toEqual(data);
  });

  it('is a failure for kafkajs alone, so that this is still needed', async () => {
    await expect(parse(original, 6)).rejects.toMatchObject({ type: 'LEADER_NOT_AVAILABLE' });
  });

  it('is still a failure when another thing is wrong', async () => {
    await expect(parse(mended, 6, answerOf(0, partition(5, -1), partition(29, 1)))).rejects.toMatchObject({
      type: 'TOPIC_AUTHORIZATION_FAILED',
    });
    await expect(parse(mended, 6, answerOf(3))).rejects.toMatchObject({ type: 'UNKNOWN_TOPIC_OR_PARTITION' });
  });
});

it('looks again soon for the leader of a topic that it needs, and of no other', async () => {
  const pool = Object.create(BrokerPool.prototype) as Pool & { metadataExpireAt: number };
  mendPool(pool);
  const refresh = async (told: Answer, topics: string[]): Promise<number> => {
    const broker = { metadata: () => Promise.resolve({ ...told, brokers: [] }) };
    Object.assign(pool, {
      brokers: {},
      metadataMaxAge: 300_000,
      seedBroker: { connectionPool: {} },
      retrier: (attempt: (bail: (error: Error) => void) => Promise<void>) =>
        attempt((error) => {
          throw error;
        }),
      findConnectedBroker: () => Promise.resolve(broker),
    });
    await pool.refreshMetadata(topics);
    return pool.metadataExpireAt - Date.now();
  };
  const [none, some] = [answerOf(0, partition(0, 1)), answerOf(0, partition(0, 1), partition(5, -1))];
  expect(await refresh(none, ['t'])).toBeGreaterThan(200_000);
  expect(await refresh(some, [])).toBeGreaterThan(200_000);
  expect(await refresh(some, ['t'])).toBeLessThanOrEqual(1_000);
});
