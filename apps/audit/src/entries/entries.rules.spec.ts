import { momentOf } from './entries.rules';

describe('momentOf', () => {
  it.each([
    ['2026-03-04', '2026-03-04T00:00:00.000Z'],
    ['2026-03-04T05:06Z', '2026-03-04T05:06:00.000Z'],
    ['2026-03-04T05:06:07.5+08:00', '2026-03-03T21:06:07.500Z'],
  ])('reads %s', (text, time) => expect(momentOf('from', text)).toBe(time));

  it.each(['2026-W10', '2026-060', '2026-13-01', '2026-03-04T05:06:07', '0000-01-01', '2026', 'now'])(
    'refuses %s by its name, without the value',
    (text) => {
      const refuse = () => momentOf('to', text);
      expect(refuse).toThrow(expect.objectContaining({ code: 'search.time-invalid' }));
      expect(refuse).not.toThrow(text);
    },
  );
});
