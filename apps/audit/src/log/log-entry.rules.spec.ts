import { AuditEntry, type AuditEntryV1, Invalid } from '@govbus/contracts';
import { maxEntryBytes, readEntry, sortOut } from './log-entry.rules';

const id = '7b0f4f8e-4c5e-4d0e-9d59-0d1f4a1c7a01';
const entry: AuditEntryV1 = {
  entryId: id,
  time: '2026-03-04T05:06:07.000Z',
  service: 'exchange',
  action: 'disclose',
  operation: 'subscriptions:read',
  outcome: 'done',
  actor: { id: 'reader', kind: 'system' },
};
const envelope = (data: unknown) => ({
  specversion: '1.0',
  id: 'e1',
  source: '/services/exchange',
  type: AuditEntry.type,
  time: entry.time,
  datacontenttype: 'application/json',
  data,
});
const read = (data: unknown) => readEntry(Buffer.from(JSON.stringify(envelope(data))));
const reasonOf = (value: Buffer | null): string => {
  try {
    readEntry(value);
  } catch (error) {
    if (error instanceof Invalid) return error.message;
    throw error;
  }
  return 'none';
};
const reason = (data: unknown) => reasonOf(Buffer.from(JSON.stringify(envelope(data))));

describe('readEntry', () => {
  it('gives the canonical bytes, whatever the order and spacing of the message', () => {
    const { body } = read(entry);
    expect(body).toBe(
      '{"action":"disclose","actor":{"id":"reader","kind":"system"},"entryId":"7b0f4f8e-4c5e-4d0e-9d59-0d1f4a1c7a01",' +
        '"operation":"subscriptions:read","outcome":"done","service":"exchange","time":"2026-03-04T05:06:07.000Z"}',
    );
    const turned = Object.fromEntries(Object.entries(entry).reverse());
    expect(readEntry(Buffer.from(JSON.stringify(envelope(turned), null, 2))).body).toBe(body);
  });

  it('knows an id in whatever case, and leaves the bytes as they came', () => {
    const upper = read({ ...entry, entryId: id.toUpperCase() });
    expect(upper.entry.entryId).toBe(id);
    expect(upper.body).toContain(id.toUpperCase());
  });

  it('keeps text that only looks like an escape', () => {
    expect(read({ ...entry, reason: 'a \\u0000 b' }).entry.reason).toBe('a \\u0000 b');
  });

  it.each([
    ['nothing', null, 'not a CloudEvent of type `audit.entry-recorded.v1`'],
    ['no JSON', Buffer.from('planted-4711'), 'not JSON'],
    ['bytes that are no text', Buffer.from([0xff, 0xfe]), 'not JSON'],
    ['another type', Buffer.from('{"specversion":"1.0"}'), 'not a CloudEvent of type `audit.entry-recorded.v1`'],
  ])('refuses %s', (_, value, expected) => expect(reasonOf(value)).toBe(expected));

  const broken = '`AuditEntryV1` breaks its contract';
  it.each([
    ['an entry without its actor', { ...entry, actor: undefined }, broken],
    ['a list for the actor', { ...entry, actor: [] }, broken],
    ['a list for the positions', { ...entry, positions: [] }, broken],
    ['an unknown action', { ...entry, action: 'planted-4711' }, broken],
    ['a list for the entry', [], '`AuditEntryV1` must be an object'],
    ['NUL', { ...entry, reason: 'planted-4711\0' }, 'text that cannot be kept'],
    [
      'half of a character',
      { ...entry, actor: { id: 'planted-4711\ud83d', kind: 'system' } },
      'text that cannot be kept',
    ],
  ])('refuses %s, without the value', (_, data, expected) => expect(reason(data)).toBe(expected));

  it('takes an entry of 65,535 bytes and refuses one more: a bundle could not give its length', () => {
    const room = maxEntryBytes - Buffer.byteLength(read({ ...entry, fields: [''] }).body);
    expect(Buffer.byteLength(read({ ...entry, fields: ['x'.repeat(room)] }).body)).toBe(65_535);
    expect(reason({ ...entry, fields: ['x'.repeat(room + 1)] })).toBe('larger than 65535 bytes');
  });
});

describe('sortOut', () => {
  const other = { ...entry, entryId: '7b0f4f8e-4c5e-4d0e-9d59-0d1f4a1c7a02' };
  const one = (data: AuditEntryV1, body: string) => ({ entry: data, body });

  it('takes the first of each id, in order, and passes over what is there already', () => {
    const read = [one(entry, 'a'), one(other, 'b'), one(entry, 'a')];
    expect(sortOut(read, new Map())).toEqual({ fresh: [one(entry, 'a'), one(other, 'b')], conflicting: [] });
    expect(sortOut(read, new Map([[id, 'a']]))).toEqual({ fresh: [one(other, 'b')], conflicting: [] });
  });

  it('gives back what claims the id of another entry', () => {
    expect(sortOut([one(entry, 'a'), one(entry, 'b')], new Map())).toEqual({
      fresh: [one(entry, 'a')],
      conflicting: [one(entry, 'b')],
    });
    expect(sortOut([one(entry, 'b')], new Map([[id, 'a']]))).toEqual({ fresh: [], conflicting: [one(entry, 'b')] });
  });
});
