import type { DeliveredEvent } from '@govbus/contracts';
import { chunksOf, eventFrame, heartbeatFrame, placeFrame, problemFrame, retryFrame } from './sse.rules';

const event = (position: number, data: unknown): DeliveredEvent => ({
  specversion: '1.0',
  id: String(position),
  source: '/datasets/animals',
  type: 'exchange.record-shared.v1',
  time: '2026-01-01T00:00:00.000Z',
  datacontenttype: 'application/json',
  sequence: String(position).padStart(16, '0'),
  data,
});

describe('frames', () => {
  it('keep every event on one line of data, whatever is in it', () => {
    const nasty = event(7, { text: 'a\nb\r\nevent: problem\n\ndata: x', bell: '\u0007\u2028' });
    const lines = eventFrame('seven', nasty).split(/\r\n|\r|\n/);
    expect(lines.slice(0, 2)).toEqual(['id: seven', 'event: exchange.record-shared.v1']);
    expect(lines.slice(3)).toEqual(['', '']);
    expect(JSON.parse(lines[2]?.slice('data: '.length) ?? '')).toEqual(nasty);
  });
  it('end with a blank line', () => {
    for (const frame of [placeFrame('x'), problemFrame({ code: 'a.b' }), retryFrame(5), heartbeatFrame])
      expect(frame).toMatch(/[^\n]\n\n$/);
  });
});

describe('chunksOf', () => {
  it('loses and splits nothing, and names the last event of each write', () => {
    const events = Array.from({ length: 50 }, (_, i) => event(2 * i + 1, { text: 'x'.repeat(i * 7) }));
    for (const maxBytes of [1, 700, 1_000_000]) {
      const chunks = [...chunksOf(events, String, maxBytes)];
      expect(chunks.map(({ text }) => text).join('')).toBe(events.map((one) => eventFrame(one.id, one)).join(''));
      for (const { text, position } of chunks) expect(text.match(/^id: (\d+)$/gm)?.at(-1)).toBe(`id: ${position}`);
    }
    expect([...chunksOf([], String, 1)]).toEqual([]);
  });
});
