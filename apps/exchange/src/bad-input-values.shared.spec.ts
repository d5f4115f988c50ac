/** Stands in hostile values; no refusal may show it. */
export const planted = 'planted-hostile-0815';
// An id of nothing.
const nobody = '5f0c2f0e-6a58-4b7e-9d53-3f1d8a8f6c11';

/** A value of JSON as it is written, which may be none that `JSON.stringify` would write. */
export type Written = { name: string; json: string };

const quoted = (name: string, text: string): Written => ({ name, json: JSON.stringify(text) });
const written = (name: string, json: string): Written => ({ name, json });
const deep = (levels: number, open: string, close: string): string => open.repeat(levels) + '1' + close.repeat(levels);

/** What stands where JSON asks for something else. */
export const hostileJson: readonly Written[] = [
  ...['null', 'true', '0', '-1', '1.5', '1e308', '1e999', '-0', '9007199254740993', '99999999999999999999'].map(
    (json) => written(json, json),
  ),
  written('a number of 5,000 digits', '9'.repeat(5_000)),
  quoted('nothing', ''),
  quoted('a marker', planted),
  quoted('a space', ' '),
  quoted('1 MiB less a bit', planted.padEnd(900_000, 'x')),
  quoted('NUL', `${planted}\0`),
  written('half of a character', `"${planted}\\ud800"`),
  quoted('characters that are none', `${planted}\u202e\ufeff\uffff`),
  quoted('SQL', `${planted}'; DROP TABLE subscriptions; --`),
  quoted('a pointer', `/__proto__/${planted}`),
  quoted('another UUID', nobody),
  quoted('a UUID of zeros', '00000000-0000-0000-0000-000000000000'),
  quoted('a time beyond the database', '+275760-09-13T00:00:00Z'),
  quoted('a time long ago', '0000-01-01T00:00:00Z'),
  quoted('a time that is none', '2026-02-30T25:61:61Z'),
  quoted('a time without signs', '20980101T000000Z'),
  quoted('a time of a week', '2098-W01-1T00:00:00Z'),
  quoted('a time of an hour', '2098-01-01T00Z'),
  quoted('a time of a far year', '9999-12-31T23:59:59.999999999+14:00'),
  quoted('an address of this machine', `http://127.0.0.1:1/${planted}`),
  quoted('an address of another scheme', `file:///${planted}`),
  quoted('an address with a password', `http://a:${planted}@127.0.0.1:1/`),
  written('an empty list', '[]'),
  written('a list', `["${planted}"]`),
  written('a list of lists', '[[[[]]]]'),
  written('an empty object', '{}'),
  written('an object', `{"surplus":"${planted}"}`),
  written('a prototype', `{"__proto__":{"x":"${planted}"}}`),
  written('a constructor', `{"constructor":{"prototype":{"x":"${planted}"}}}`),
  written('functions', '{"toString":1,"valueOf":1,"then":1,"toJSON":1,"length":-1}'),
  written('a position', '{"position":9007199254740991}'),
  written('a far time', '{"time":"9999-12-31T23:59:59Z"}'),
  written('a time before time', '{"time":"0000-01-01T00:00:00+14:00"}'),
  written('a deep list', deep(3_000, '[', ']')),
  written('a deep object', deep(3_000, '{"a":', '}')),
  written('a deep filter', `[${deep(60, '{"not":', '}')}]`),
  written('an expression', `[{"sql":"${'('.repeat(500)}1${')'.repeat(500)}"}]`),
  written('an expression with a long text', `[{"sql":"id LIKE '${'%a'.repeat(2_000)}'"}]`),
  written('a list of 20,000', `[${Array.from({ length: 20_000 }, () => '{}').join()}]`),
];

const cursorOf = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** What stands in a path, a query or a header, not yet escaped; the bytes of latin1 stand for themselves. */
export const hostileTexts: readonly string[] = [
  '',
  ' ',
  planted,
  `${planted}%`,
  `${planted}\0`,
  `${planted}\r\nset-cookie: a=b`,
  `${planted}\x00\xff\xfe`,
  `${planted}\u202e\uffff`,
  `../../${planted}`,
  `..%2f${planted}`,
  `'; DROP TABLE subscriptions; --${planted}`,
  `{{${planted}}}\${7*7}`,
  planted.padEnd(3_000, 'x'),
  '-1',
  '0',
  '1.5',
  '1e9',
  'NaN',
  'Infinity',
  '9007199254740993',
  '99999999999999999999999',
  '0x10',
  'true',
  'null',
  'undefined',
  '__proto__',
  'constructor',
  '[object Object]',
  '00000000-0000-0000-0000-000000000000',
  nobody,
  `W/"${planted}"`,
  '"1"',
  '"-1"',
  '"99999999999999999999"',
  '*',
  '+275760-09-13T00:00:00.000Z',
  '20980101T000000Z',
  '2098-W01-1T00:00:00Z',
  cursorOf([]),
  cursorOf([planted]),
  cursorOf(['2026-01-01T00:00:00.000Z', planted]),
  cursorOf([planted, nobody]),
  cursorOf(['+275760-09-13T00:00:00.000Z', nobody]),
  cursorOf(['-271821-04-20T00:00:00.000Z', nobody]),
  cursorOf(['2026-02-30T00:00:00.000Z', nobody]),
  cursorOf(['infinity', nobody]),
  cursorOf([1e308, 1e308]),
  cursorOf([-1, 0.5]),
  cursorOf(['bus.events', 1e308, '1']),
  cursorOf(['bus.events', 0.5, planted]),
  cursorOf(['bus.events', 1, '99999999999999999999']),
  cursorOf({ __proto__: null, length: 2, 0: planted }),
];

/** Bodies that are not what the content type says, or not what anybody would send. */
export const hostileBodies: readonly { name: string; bytes: Buffer; type?: string; encoding?: string }[] = [
  { name: 'no bytes', bytes: Buffer.alloc(0) },
  { name: 'spaces', bytes: Buffer.from('   \n') },
  { name: 'half of it', bytes: Buffer.from(`{"agreementId": "${planted}`) },
  { name: 'two of it', bytes: Buffer.from('{}{}') },
  { name: 'a mark of the order of bytes', bytes: Buffer.from(`\ufeff{"a":"${planted}"}`) },
  {
    name: 'bytes that are not UTF-8',
    bytes: Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xc3, 0x28, 0xff, 0x22, 0x7d])]),
  },
  { name: 'UTF-16', bytes: Buffer.from(`{"a":"${planted}"}`, 'utf16le') },
  { name: 'one name twice', bytes: Buffer.from(`{"reason":1,"reason":"${planted}","reason":{}}`) },
  { name: 'a prototype', bytes: Buffer.from(`{"__proto__":{"reason":"${planted}"}}`) },
  { name: 'a large body', bytes: Buffer.from(`{"a":"${planted.padEnd(1_100_000, 'x')}"}`) },
  { name: '100,000 lists', bytes: Buffer.from('['.repeat(100_000)) },
  { name: '30,000 members', bytes: Buffer.from(`{${Array.from({ length: 30_000 }, (_, i) => `"${i}":0`).join()}}`) },
  ...['null', '[]', '5', `"${planted}"`, 'true', 'NaN', "{'a':1}", '{"a":1,}'].map((text) => ({
    name: text,
    bytes: Buffer.from(text),
  })),
  ...[
    'text/plain',
    'text/xml',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded',
    ';;=',
    'application/json; charset=utf-7',
  ].map((type) => ({ name: `the type ${type}`, bytes: Buffer.from(`a=${planted}`), type })),
  { name: 'an encoding that it has not', bytes: Buffer.from('{}'), encoding: 'gzip' },
  { name: 'an encoding that is none', bytes: Buffer.from('{}'), encoding: planted },
];
