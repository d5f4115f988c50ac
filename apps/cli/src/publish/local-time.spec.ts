import { timeReader } from './local-time';

const zone = 'America/New_York';
const iso = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : new Date(ms).toISOString());
const read = (format: string, text: string, of = zone): string | undefined => iso(timeReader(format, of)(text));

describe('a local time', () => {
  it.each([
    ['M/D/YYYY H:mm', '1/2/2025 3:04', '2025-01-02T08:04:00.000Z'],
    ['M/D/YYYY H:mm', '12/31/2025 23:59', '2026-01-01T04:59:00.000Z'],
    ['MM/DD/YYYY hh:mm:ss A', '07/04/2025 12:00:00 AM', '2025-07-04T04:00:00.000Z'],
    ['MM/DD/YYYY hh:mm:ss A', '07/04/2025 12:30:05 PM', '2025-07-04T16:30:05.000Z'],
    ['YYYY-MM-DD', '2024-02-29', '2024-02-29T05:00:00.000Z'],
    ['YYYY-MM-DDTHH:mm:ss.SSS', '2025-06-01T00:00:00.250', '2025-06-01T04:00:00.250Z'],
  ])('%s reads %s', (format, text, expected) => expect(read(format, text)).toBe(expected));

  it('has the offset of its day, in summer and in winter, north and south', () => {
    const format = 'YYYY-MM-DD H:mm';
    expect(read(format, '2025-07-01 12:00')).toBe('2025-07-01T16:00:00.000Z');
    expect(read(format, '2025-12-01 12:00')).toBe('2025-12-01T17:00:00.000Z');
    expect(read(format, '2025-07-01 12:00', 'Asia/Shanghai')).toBe('2025-07-01T04:00:00.000Z');
    expect(read(format, '2025-01-15 12:00', 'Australia/Lord_Howe')).toBe('2025-01-15T01:00:00.000Z');
    expect(read(format, '2025-07-01 12:00', 'UTC')).toBe('2025-07-01T12:00:00.000Z');
  });

  it('is the first of two when the clocks go back, and later when they skip it', () => {
    const format = 'YYYY-MM-DD H:mm';
    expect(read(format, '2025-11-02 1:30')).toBe('2025-11-02T05:30:00.000Z');
    expect(read(format, '2025-11-02 2:00')).toBe('2025-11-02T07:00:00.000Z');
    expect(read(format, '2025-11-02 0:59')).toBe('2025-11-02T04:59:00.000Z');
    expect(read(format, '2025-03-09 1:59')).toBe('2025-03-09T06:59:00.000Z');
    expect(read(format, '2025-03-09 2:30')).toBe('2025-03-09T07:30:00.000Z');
    expect(read(format, '2025-03-09 3:00')).toBe('2025-03-09T07:00:00.000Z');
  });

  it('gives back the same wall time for every hour of a year, except those that are skipped', () => {
    const reader = timeReader('YYYY-MM-DD HH:mm', 'Europe/Berlin');
    const wall = new Intl.DateTimeFormat('sv-SE', {
      timeZone: 'Europe/Berlin',
      dateStyle: 'short',
      timeStyle: 'short',
    });
    const changed: string[] = [];
    for (let hour = 0; hour < 365 * 24; hour += 1) {
      const text = new Date(Date.UTC(2025, 0, 1, hour)).toISOString().slice(0, 16).replace('T', ' ');
      if (wall.format(reader(text)) !== text) changed.push(text);
    }
    expect(changed).toEqual(['2025-03-30 02:00']);
  });

  it.each(['2/30/2025 1:00', '13/1/2025 1:00', '1/1/2025 24:00', '1/1/2025', 'x', '1/1/2025 1:60', '1/1/25 1:00'])(
    'is not %s',
    (text) => expect(read('M/D/YYYY H:mm', text)).toBeUndefined(),
  );

  it('is RFC 3339 without a format', () => {
    const reader = timeReader(undefined, undefined);
    expect(iso(reader('2025-01-01T00:00:00+08:00'))).toBe('2024-12-31T16:00:00.000Z');
    expect(reader('2025-01-01')).toBeUndefined();
    expect(reader('2025-01-01T00:00:00')).toBeUndefined();
  });

  it('needs a zone that exists and a format with a whole date', () => {
    expect(() => timeReader('YYYY-MM-DD', 'Mars/Olympus')).toThrow(RangeError);
    expect(() => timeReader('H:mm', zone)).toThrow('YYYY');
  });
});
