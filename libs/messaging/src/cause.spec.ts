import { defineEvent } from '@govbus/contracts';
import { causedBy } from './cause';
import { Outbox, type Tx } from './outbox';

class Fact {
  text: string;
}
const contract = defineEvent('spec.fact-told.v1', { topic: 'audit.entries', data: Fact, key: ({ text }) => text });
type Message = { id: string; correlationid?: string; causationid?: string };

/** The message that the outbox takes while `work` runs it. */
async function toldIn(work: (tell: () => Promise<void>) => Promise<void>): Promise<Message> {
  const values: string[] = [];
  const query = (_: string, [, , rows]: string[][]) => Promise.resolve(values.push(...(rows ?? [])));
  const outbox = new Outbox('spec', () => new Date(0));
  await work(() => outbox.add(contract, { text: 'a' }, { query } as unknown as Tx));
  return JSON.parse(values[0] ?? '{}') as Message;
}

describe('what a message comes from', () => {
  it('is itself where nothing caused it', async () => {
    const message = await toldIn((tell) => tell());
    expect(message).toMatchObject({ correlationid: message.id });
    expect(message).not.toHaveProperty('causationid');
  });

  it('is the message that is handled, and what began it all, through whatever is awaited', async () => {
    const first = await toldIn((tell) => tell());
    const second = await toldIn((tell) => causedBy(first, tell));
    expect(second).toMatchObject({ correlationid: first.id, causationid: first.id });
    const third = await toldIn((tell) => causedBy(second, () => new Promise(setImmediate).then(tell)));
    expect(third).toMatchObject({ correlationid: first.id, causationid: second.id });
  });

  it.each([{}, { id: '' }, { id: 7 }])('is not told by a message with %j', async (handled) => {
    const message = await toldIn((tell) => causedBy(handled, tell));
    expect(message).toMatchObject({ correlationid: message.id });
  });
});
