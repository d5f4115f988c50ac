import type { DeliveredEvent } from '@govbus/contracts';
import { messagesOf, newShareTopic, resendDelayMs, topicOf } from './share.rules';

describe('the topic of a subscription', () => {
  it('has its name, and keeps for a week what nobody has read', () => {
    expect(topicOf('one')).toBe('share.one');
    expect(newShareTopic('one')).toEqual({
      topic: 'share.one',
      partitions: 3,
      config: { 'cleanup.policy': 'delete', 'retention.ms': String(7 * 24 * 60 * 60 * 1000) },
    });
  });
});

describe('messagesOf', () => {
  it('makes a message of each event, in their order, each with its own key', () => {
    const events = ['1', '2', '3'].map((id) => ({ id, data: { key: `ключ-${id}` } }) as unknown as DeliveredEvent);
    const messages = messagesOf('one', events, ['a', 'b']);
    expect(messages.map(({ topic, key }) => [topic, key])).toEqual([
      ['share.one', 'a'],
      ['share.one', 'b'],
      ['share.one', null],
    ]);
    expect(messages.map(({ value }) => JSON.parse(String(value)) as unknown)).toEqual(events);
    for (const { headers } of messages) expect(headers).toEqual({ 'content-type': 'application/cloudevents+json' });
  });
});

describe('resendDelayMs', () => {
  it('doubles from half a second up to ten, between half and the whole of it', () => {
    const least = [1, 2, 3, 4, 5, 6, 60].map((failures) => resendDelayMs(failures, 0));
    expect(least).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000, 5_000]);
    expect([1, 5, 6, 60].map((failures) => resendDelayMs(failures, 0.999))).toEqual([500, 7_996, 9_995, 9_995]);
  });
});
