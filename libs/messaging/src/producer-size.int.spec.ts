import { brokers, newContract, readAll } from './harness.shared.spec';
import { Producer } from './producer';

describe('many large messages at once', () => {
  it.each([
    ['values', (i: number) => ({ value: `${i} ${'x'.repeat(30_000)}` })],
    ['headers', (i: number) => ({ value: `${i} `, headers: { faults: 'x'.repeat(30_000) } })],
  ])('are sent in parts that the broker takes, in their order: %s', async (_, messageOf) => {
    const { topic } = await newContract();
    const producer = new Producer({ brokers, clientId: 'test' });
    const values = Array.from({ length: 100 }, (__, i) => messageOf(i));
    await Promise.all([
      producer.sendAll(values.slice(0, 90).map((message) => ({ topic, key: 'one', ...message }))),
      ...values.slice(90).map((message) => producer.send({ topic, key: 'one', ...message })),
    ]);
    await producer.disconnect();
    const read = (await readAll(topic)).map(({ value }) => parseInt(value, 10));
    expect(read).toEqual(values.map((_, i) => i));
  });
});
