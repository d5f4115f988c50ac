import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMap, type RowMap } from './row-map';
import { rowMapper } from './row-mapper';
import { notUtf8 } from './utf8';

const dir = mkdtempSync(join(tmpdir(), 'govbus-map-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const content = {
  dataset: 'city-calls',
  type: 'call.recorded',
  source: '/agency/{Agency}',
  id: '{Key}',
  time: { column: 'Made', format: 'M/D/YYYY H:mm', zone: 'America/New_York' },
  data: {
    '/reportId': 'Key',
    '/address/street': 'Street',
    '/latitude': { column: 'Lat', type: 'number' },
    '/floors': { column: 'Floors', type: 'integer' },
    '/open': { column: 'Open', type: 'boolean' },
    '/closed~1at': { column: 'Closed', type: 'time' },
  },
};
const columns = ['Key', 'Agency', 'Made', 'Street', 'Lat', 'Floors', 'Open', 'Closed'];
const good = ['7', 'NYPD', '1/2/2025 3:04', 'Main St', '40.7', '3', 'yes', '2025-01-02T00:00:00Z'];

const mapOf = (over: object = {}, dataset?: string): RowMap => {
  const path = join(dir, 'map.json');
  writeFileSync(path, JSON.stringify({ ...content, ...over }));
  return readMap(path, dataset);
};
const mapped = (cells: string[], over: object = {}) =>
  rowMapper(mapOf(over), columns, 'f.csv')({ number: 1, line: 2, cells });
const withCell = (column: string, value: string): string[] =>
  good.map((cell, i) => (columns[i] === column ? value : cell));
const eventOf = (cells: string[], over?: object): Record<string, unknown> => {
  const result = mapped(cells, over);
  if (result === 'passed over' || !('event' in result)) throw new Error(JSON.stringify(result));
  return JSON.parse(result.event.json) as Record<string, unknown>;
};

describe('a row', () => {
  it('becomes a CloudEvent', () => {
    expect(eventOf(good)).toEqual({
      specversion: '1.0',
      id: '7',
      source: '/agency/NYPD',
      type: 'call.recorded',
      dataset: 'city-calls',
      time: '2025-01-02T08:04:00.000Z',
      data: {
        reportId: '7',
        address: { street: 'Main St' },
        latitude: 40.7,
        floors: 3,
        open: true,
        'closed/at': '2025-01-02T00:00:00.000Z',
      },
    });
  });

  it('leaves empty cells out', () => {
    const event = eventOf(['7', 'NYPD', '', ' ', '', '', '', '']);
    expect(event).not.toHaveProperty('time');
    expect(event.data).toEqual({ reportId: '7' });
  });

  it('is passed over unless `where` asks for it', () => {
    expect(mapped(good, { where: { Agency: 'DSNY' } })).toBe('passed over');
    expect(mapped(good, { where: { Agency: ['DSNY', 'NYPD'], Key: '7' } })).toHaveProperty('event');
  });

  it('has a source that is a URI reference, and another dataset when asked', () => {
    expect(eventOf(withCell('Agency', 'Fire & Water')).source).toBe('/agency/Fire%20%26%20Water');
    expect(mapOf({}, 'other').dataset).toBe('other');
  });

  it.each([
    ['Lat', 'n/a', 'row.type', '/data/latitude'],
    ['Lat', '1,5', 'row.type', '/data/latitude'],
    ['Lat', '1e999', 'row.type', '/data/latitude'],
    ['Floors', '3.5', 'row.type', '/data/floors'],
    ['Floors', '9007199254740993', 'row.type', '/data/floors'],
    ['Open', 'maybe', 'row.type', '/data/open'],
    ['Made', '2/30/2025 1:00', 'row.type', '/time'],
    ['Closed', '2025-01-02', 'row.type', '/data/closed~1at'],
    ['Key', ' ', 'row.empty', '/id'],
    ['Agency', '', 'row.empty', '/source'],
    ['Street', `caf${notUtf8}`, 'row.encoding', ''],
  ])('is refused alone, and says why: %s is %s', (column, value, code, pointer) => {
    const result = mapped(withCell(column, value));
    expect(result).toMatchObject({
      refusal: { line: 2, code, pointer, detail: expect.stringContaining(`\`${column}\``) },
    });
    if (value.trim() !== '') expect(JSON.stringify(result)).not.toContain(`"${value}"`);
  });

  it.each([[good.slice(1)], [[...good, 'more']]])('is refused with too few or too many cells', (cells) => {
    expect(mapped(cells)).toMatchObject({ refusal: { code: 'row.columns' } });
  });
});

describe('a map', () => {
  it.each([
    ['dataset', { dataset: 7 }],
    ['`colour` is no part', { colour: 'red' }],
    ['/a', { data: { '/a': 'Key', '/a/b': 'Key' } }],
    ['JSON pointer', { data: { street: 'Street' } }],
    ['JSON pointer', { data: { '/__proto__/x': 'Street' } }],
    ['must be an object', { data: {} }],
    ['one of text, number', { data: { '/a': { column: 'Key', type: 'float' } } }],
    ['has no part `colum`', { data: { '/a': { colum: 'Key' } } }],
    ['`where`', { where: { Agency: 7 } }],
  ])('that is wrong is refused, saying where: %s', (expected, over) => {
    expect(() => mapOf(over)).toThrow(expected);
  });

  it('names every column that the file lacks', () => {
    const over = { where: { Borough: 'BRONX' }, data: { '/a': 'Key', '/b': 'Gone' } };
    expect(() => rowMapper(mapOf(over), columns, 'f.csv')).toThrow('f.csv has no column `Borough`, `Gone`');
  });

  it('refuses a column that the file has twice, a zone and a format that do not exist', () => {
    expect(() => rowMapper(mapOf(), [...columns, 'Lat'], 'f.csv')).toThrow('more than one column `Lat`');
    const time = { column: 'Made', format: 'M/D/YYYY', zone: 'Nowhere/City' };
    expect(() => rowMapper(mapOf({ time }), columns, 'f.csv')).toThrow('cannot read the times of `Made`');
  });

  it('is told from a file that is missing or no JSON', () => {
    expect(() => readMap(join(dir, 'none.json'))).toThrow('does not exist');
    writeFileSync(join(dir, 'bad.json'), '{');
    expect(() => readMap(join(dir, 'bad.json'))).toThrow('is not JSON');
  });
});
