import { momentOf } from './entries.rules';

describe('momentOf', () => {
  it.each([
    ['2026-03-04', '2026-03-04T00:00:00.000Z'],
    ['2026-03-04T05:06Z', '2026-03-04T05:06:00.000Z'],
    ['2026-03-04T05:06:07.5+08:00', '2026-03-03T21:06:07.500Z'],
  ])('reads %s', (text, time) => expect(momentOf('from', text)).toBe(time));

  it('reads the first and the last moment that there is', () => {
    expect(momentOf('from', '0001-01-01')).toBe('0001-01-01T00:00:00.000Z');
    expect(momentOf('to', '9999-12-31T23:59:59.999Z')).toBe('9999-12-31T23:59:59.999Z');
  });

  it.each([
    ...['2026-W10', '2026-060', '2026-13-01', '2026-03-04T05:06:07', '0000-01-01', '2026', 'now'],
    ...['0001-01-01T00:00:00+01:00', '9999-12-31T23:59:59-01:00'],
  ])('refuses %s by its name, without the value', (text) => {
    const refuse = () => momentOf('to', text);
    expect(refuse).toThrow(expect.objectContaining({ code: 'search.time-invalid' }));
    expect(refuse).not.toThrow(text);
  });
});
