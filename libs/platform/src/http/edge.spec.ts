import 'reflect-metadata';
import { Conflict, Invalid, Stale } from '@govbus/contracts';
import { assertIfMatch, etagOf } from './etag';
import { pageOf, readCursor, readListCursor } from './paging';
import { EdgeError, problemOf } from './problem';

describe('If-Match', () => {
  it.each([undefined, '*', ' * ', '"3"', '"1", "3"', '"1","3"'])('lets %j change version 3', (header) =>
    expect(() => assertIfMatch(header, 3)).not.toThrow(),
  );
  // Source: RFC 9110, section 13.1.1: the comparison is strong.
  it.each(['"2"', 'W/"3"', '3', '', '"33"', '"1", "2"'])('refuses %j for version 3', (header) =>
    expect(() => assertIfMatch(header, 3)).toThrow(Stale),
  );
  it('is the ETag of the version', () => expect(etagOf(3)).toBe('"3"'));
});

describe('paging', () => {
  const rows = ['a', 'b', 'c'];

  it('gives out a cursor that it reads again, unless the list is at its end', () => {
    const page = pageOf(
      rows,
      2,
      (row) => [row, 7],
      (row) => row.toUpperCase(),
    );
    expect(page.items).toEqual(['A', 'B']);
    expect(readCursor(page.nextCursor, 2)).toEqual(['b', 7]);
    expect(
      pageOf(
        rows,
        3,
        (row) => [row],
        (row) => row,
      ),
    ).toEqual({ items: rows });
    expect(readCursor(undefined, 1)).toBeUndefined();
  });

  const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  it.each([
    ['', 'nothing'],
    ['%%%', 'no base64'],
    [encoded('a'), 'a text'],
    [encoded(['a', 'b']), 'too many parts'],
    [encoded([]), 'too few parts'],
    [encoded([null]), 'null'],
    [encoded([{ $gt: '' }]), 'an object'],
    [encoded(['a\0']), 'a text that no database keeps'],
    [Buffer.from('[1').toString('base64url'), 'half a list'],
  ])('refuses the forged cursor %j: %s', (cursor) =>
    expect(() => readCursor(cursor, 1)).toThrow(expect.objectContaining({ code: 'cursor.invalid' }) as Error),
  );

  const id = '0b7f2f5e-3b6e-4d3e-9a51-8f6f0a4a2c11';
  it('reads a time and an id as the page wrote them', () => {
    const at = new Date(Date.UTC(2028, 1, 29, 23, 59, 59, 999)).toISOString();
    expect(readListCursor(encoded([at, id]))).toEqual({ at, id });
    expect(readListCursor(undefined)).toBeUndefined();
  });
  it.each([
    [['2026-02-30T00:00:00.000Z', id], 'a day that its month has not'],
    [['2026-02-29T00:00:00.000Z', id], 'a leap day of no leap year'],
    [['2026-03-02T24:00:00.000Z', id], 'the end of a day'],
    [['2026-03-02T25:00:00.000Z', id], 'an hour that no day has'],
    [['2026-03-02T00:00:00Z', id], 'another form'],
    [['2026-03-02', id], 'a day'],
    [['0000-01-01T00:00:00.000Z', id], 'the year 0'],
    [['+010000-01-01T00:00:00.000Z', id], 'a year of five digits'],
    [['infinity', id], 'no time'],
    [[1, id], 'a number'],
    [['2026-03-02T00:00:00.000Z', 'nobody'], 'no id'],
    [['2026-03-02T00:00:00.000Z', 7], 'a number for an id'],
    [['2026-03-02T00:00:00.000Z'], 'one part'],
  ])('refuses the forged place %j: %s', (place) =>
    expect(() => readListCursor(encoded(place))).toThrow(expect.objectContaining({ code: 'cursor.invalid' }) as Error),
  );
});

describe('problemOf', () => {
  it('shows what a refusal says of itself', () => {
    const faults = [{ pointer: '/text', code: 'text', detail: 'is wrong' }];
    expect(problemOf(new Invalid('note.invalid', 'wrong', { faults }))).toEqual({
      status: 400,
      headers: {},
      body: {
        type: 'urn:govbus:problem:note.invalid',
        title: 'Bad request',
        status: 400,
        detail: 'wrong',
        code: 'note.invalid',
        faults,
        explanation: undefined,
      },
    });
  });

  it.each([
    new Error('planted'),
    Object.assign(new Error('planted'), { code: '23505', detail: 'planted', parameters: ['planted'] }),
    new Conflict('note.conflict', 'not now', { cause: new Error('planted') }),
    { message: 'planted', statusCode: 400 },
    'planted',
    null,
    undefined,
  ])('shows nothing else: %#', (error) => expect(JSON.stringify(problemOf(error))).not.toContain('planted'));

  it.each([
    { code: 'ECONNREFUSED' },
    { code: '57P01' },
    { code: '57P03' },
    { code: '53300' },
    { message: 'Connection terminated due to connection timeout' },
    { message: 'timeout exceeded when trying to connect' },
  ])('says that the database is away, and nothing of it: %j', (fields) => {
    const error = Object.assign(new Error('planted'), fields);
    expect(problemOf(error)).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
      body: { code: 'database.away', detail: 'the database does not answer now' },
    });
  });
  it.each(['23505', '42P01', 'ENOENT'])('takes %s for a fault of our own', (code) =>
    expect(problemOf(Object.assign(new Error('planted'), { code })).status).toBe(500),
  );

  it('keeps the headers of the edge', () => {
    const error = new EdgeError(401, 'token.missing', 'no token', { 'www-authenticate': 'Bearer' });
    expect(problemOf(error)).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } });
  });
});
