import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import { Producer } from './producer';

const brokers = (process.env.TEST_KAFKA_BROKERS ?? '').split(',');

describe('many large messages at once', () => {
  it.each([
    ['values', (i: number) => ({ value: `${i} ${'x'.repeat(30_000)}` })],
    ['headers', (i: number) => ({ value: `${i} `, headers: { faults: 'x'.repeat(30_000) } })],
  ])('are sent in parts that the broker takes, in their order: %s', async (_, messageOf) => {
    const topic = `large-${randomUUID()}`;
    const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: 1 }], waitForLeaders: true });
    await admin.disconnect();
    const producer = new Producer({ brokers, clientId: 'test' });
    const values = Array.from({ length: 100 }, (__, i) => messageOf(i));
    await Promise.all([
      producer.sendAll(values.slice(0, 90).map((message) => ({ topic, key: 'one', ...message }))),
      ...values.slice(90).map((message) => producer.send({ topic, key: 'one', ...message })),
    ]);
    await producer.disconnect();
    const consumer = kafka.consumer({ groupId: topic });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    const read: number[] = [];
    await new Promise<void>((resolve) => {
      void consumer.run({
        eachMessage: ({ message }) => {
          read.push(parseInt(String(message.value), 10));
          if (read.length === values.length) resolve();
          return Promise.resolve();
        },
      });
    });
    await consumer.disconnect();
    expect(read).toEqual(values.map((_, i) => i));
  });
});
