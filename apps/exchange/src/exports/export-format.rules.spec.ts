import type { DeliveredEvent } from '@govbus/contracts';
import { headOf, lineOf } from './export-format.rules';

const event = (data: object): DeliveredEvent => ({
  specversion: '1.0',
  id: '7',
  source: '/datasets/animals',
  type: 'exchange.record-shared.v1',
  time: '2026-01-31T08:00:00.000Z',
  datacontenttype: 'application/json',
  sequence: '0000000000000007',
  data,
});
const cells = (data: object, ...fields: string[]): string =>
  lineOf('csv', fields, event(data)).replace('7,2026-01-31T08:00:00.000Z,exchange.record-shared.v1,', '');

describe('CSV', () => {
  it('begins with a header of position, time, type and each granted pointer once', () => {
    expect(headOf('csv', ['/key', '/a,b', '/key'])).toBe('position,time,type,/key,"/a,b"\r\n');
  });

  it('quotes what RFC 4180 says, and nothing else', () => {
    expect(cells({ a: 'x,y', b: 'say "hi"', c: 'one\ntwo', d: 'plain text' }, '/a', '/b', '/c', '/d')).toBe(
      '"x,y","say ""hi""","one\ntwo",plain text\r\n',
    );
  });

  it('leaves missing and hidden values empty', () => {
    expect(cells({ a: null, c: false, d: 0, e: '' }, '/a', '/b', '/c', '/d', '/e')).toBe(',,false,0,\r\n');
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '=HYPERLINK("http://x","y")'])('defuses the formula %s', (text) => {
    const cell = cells({ a: text }, '/a').trimEnd();
    expect(cell.replace(/^"/, '').startsWith(`'${text.charAt(0)}`)).toBe(true);
  });

  it('leaves numbers as they are', () => {
    expect(cells({ a: -5, b: 1.5 }, '/a', '/b')).toBe('-5,1.5\r\n');
  });

  it('puts objects and lists into one cell as JSON, also those that a pointer goes through', () => {
    expect(cells({ a: { b: 1 }, c: [1, 2] }, '/a', '/c')).toBe('"{""b"":1}","[1,2]"\r\n');
    expect(cells({ people: [{ name: 'x' }, { age: 3 }] }, '/people/name', '/people/1/age')).toBe(
      '"[""x"",null]",3\r\n',
    );
    expect(cells({ rows: [{ length: 7 }, { length: 8 }], list: [1] }, '/rows/length', '/list/length')).toBe(
      '"[7,8]",[null]\r\n',
    );
  });
});

describe('NDJSON', () => {
  it('has one event a line and no head', () => {
    expect(headOf('ndjson', ['/key'])).toBe('');
    const line = lineOf('ndjson', ['/key'], event({ key: 'a\nb' }));
    expect(line.split('\n')).toHaveLength(2);
    expect(JSON.parse(line)).toEqual(event({ key: 'a\nb' }));
  });
});
