import 'reflect-metadata';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Invalid } from '@govbus/contracts';
import { canonicalText } from './canonical';
import { askedSchemaVersion, busText, digestedText, parseCloudEvent } from './cloud-event';

const event = { specversion: '1.0', id: '1', source: '/a', type: 't', dataset: 'animals', data: { key: 'k' } };

function faultsOf(act: () => unknown): string[] {
  try {
    act();
  } catch (error) {
    if (error instanceof Invalid) return (error.details.faults ?? []).map((fault) => `${fault.pointer} ${fault.code}`);
    throw error;
  }
  return [];
}

const extensions = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`x${i}`, i]));

describe('parseCloudEvent', () => {
  it('takes an event with optional attributes and extensions', () => {
    const full = {
      ...event,
      time: '2026-11-24T10:00:00.5+08:00',
      subject: 's',
      traceparent: '00-a',
      count: 3,
      ok: true,
    };
    expect(parseCloudEvent({ ...full, datacontenttype: 'application/vnd.x+json; charset=utf-8' })).toMatchObject(full);
  });

  it('treats an attribute with null as absent', () => {
    expect(parseCloudEvent({ ...event, subject: null })).toEqual(event);
  });

  it.each([
    ['the least integer of 32 bits', { count: -(2 ** 31) }],
    ['the greatest', { count: 2 ** 31 - 1 }],
    ['a leap second', { time: '2016-12-31T23:59:60Z' }],
    ['a source with what a URI may hold', { source: "urn:a:b?c=(d)&e=%20~!$'*+,;@[1]#f" }],
    ['a source with letters beyond ASCII', { source: '/城市/é' }],
    ['a hundred attributes', extensions(95)],
    ['extensions of the specification', { sequence: '01', deprecated: true, expirytime: '2026-11-24T10:00:00Z' }],
  ])('takes %s', (_, over) => expect(parseCloudEvent({ ...event, ...over })).toEqual({ ...event, ...over }));

  it.each([
    ['an array', [], ' type'],
    ['more than a hundred attributes', { ...event, ...extensions(96) }, ' attributes'],
    ['no id', { ...event, id: undefined }, '/id required'],
    ['a null source', { ...event, source: null }, '/source required'],
    ['an empty type', { ...event, type: '' }, '/type empty'],
    ['another version', { ...event, specversion: '0.3' }, '/specversion specversion'],
    ['a number as id', { ...event, id: 7 }, '/id type'],
    ['an id of 513 characters', { ...event, id: 'x'.repeat(513) }, '/id length'],
    ['source and id of 2,049 bytes', { ...event, id: '界'.repeat(512), source: '界'.repeat(171) }, '/id length'],
    ['a time that is not RFC 3339', { ...event, time: 'yesterday' }, '/time time'],
    ['a time that does not exist', { ...event, time: '2026-13-01T00:00:00Z' }, '/time time'],
    ['a day that does not exist', { ...event, time: '2026-02-30T00:00:00Z' }, '/time time'],
    ['a source with a space', { ...event, source: '/a b' }, '/source source'],
    ['a source in angle brackets', { ...event, source: '<a>' }, '/source source'],
    ['an empty source', { ...event, source: '' }, '/source empty'],
    ['data that is text', { ...event, data: 'x' }, '/data type'],
    ['no data', { ...event, data: undefined }, '/data type'],
    ['a dataset that is no slug', { ...event, dataset: 'No Slug' }, '/dataset dataset'],
    ['content that is not JSON', { ...event, datacontenttype: 'text/xml' }, '/datacontenttype datacontenttype'],
    ['an extension in capitals', { ...event, Extension: 'x' }, ' attribute-name'],
    ['an extension of 21 characters', { ...event, ['x'.repeat(21)]: 'x' }, ' attribute-name'],
    ['an extension that is an object', { ...event, extra: {} }, '/extra type'],
    ['an extension beyond 32 bits', { ...event, extra: 2 ** 31 }, '/extra type'],
    ['an extension below 32 bits', { ...event, extra: -(2 ** 31) - 1 }, '/extra type'],
    ['an extension that is no integer', { ...event, extra: 0.5 }, '/extra type'],
    ['a classification', { ...event, dataclassification: 'internal' }, '/dataclassification unsupported'],
    ['a claim check', { ...event, dataref: 'https://example.org/1' }, '/dataref unsupported'],
    ['an empty extension that must have a value', { ...event, partitionkey: '' }, '/partitionkey empty'],
    ['a deprecation that is not true', { ...event, deprecated: false }, '/deprecated deprecated'],
    ['an expiry that is no time', { ...event, expirytime: 'soon' }, '/expirytime time'],
    ['a sequence that is an object', { ...event, sequence: {} }, '/sequence type'],
    ['binary data', { ...event, data_base64: 'AA==' }, ' attribute-name'],
    ['a control character', { ...event, id: 'a\u0007' }, '/id characters'],
  ])('refuses %s', (_, value, fault) => {
    expect(faultsOf(() => parseCloudEvent(value))).toContain(fault);
  });

  it('never repeats a value in its faults', () => {
    const marker = 'planted-4711';
    const values = { ...event, id: `${marker}\n`, time: marker, extra: { marker }, data: marker };
    try {
      parseCloudEvent(values);
    } catch (error) {
      expect(JSON.stringify((error as Invalid).details) + (error as Invalid).message).not.toContain(marker);
    }
    expect.assertions(1);
  });
});

describe('askedSchemaVersion', () => {
  it('reads the version of the dataset of the event', () => {
    expect(askedSchemaVersion({ ...parseCloudEvent(event), dataschema: 'urn:govbus:animals:3' })).toBe(3);
    expect(askedSchemaVersion(parseCloudEvent(event))).toBeUndefined();
  });
  it.each(['urn:govbus:plants:3', 'https://example.org/schema', 'urn:govbus:animals:'])(
    'refuses `%s`',
    (dataschema) => {
      expect(faultsOf(() => askedSchemaVersion({ ...parseCloudEvent(event), dataschema }))).toEqual([
        '/dataschema dataschema',
      ]);
    },
  );
});

describe('digestedText', () => {
  const textOf = (value: object): string => {
    const published = parseCloudEvent(value);
    return digestedText(published, canonicalText(published));
  };

  it('is the canonical text of an event of strings', () => {
    const strings = { ...event, tombstone: true, time: '2026-11-24T10:00:00Z', note: '3', zone: 'true' };
    expect(textOf(strings)).toBe(canonicalText(strings));
  });

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'application/vnd.x+json',
    'application/json;a="\\""',
  ])('leaves out what content it says: %s', (datacontenttype) =>
    expect(textOf({ ...event, datacontenttype })).toBe(canonicalText(event)),
  );

  it('has integers and booleans as headers have them', () => {
    const typed = { count: -3, ok: true, zero: -0, zulu: false };
    const texts = { count: '-3', ok: 'true', zero: '0', zulu: 'false' };
    expect(textOf({ ...event, ...typed })).toBe(canonicalText({ ...event, ...texts }));
  });

  it('leaves data as it is, whatever stands in it', () => {
    const inner = { count: 3, ok: true, datacontenttype: 'application/json', 'x"ok': true, '"count":3': '"ok":true,' };
    const data = { ...inner, list: [inner], a: { b: inner } };
    const around = { a: '"count":3,"ok":true', zz: '"datacontenttype":"application/json",' };
    const typed = { ...event, ...around, data, count: 3, ok: true, datacontenttype: 'application/json' };
    const texts = { ...event, ...around, data, count: '3', ok: 'true' };
    expect(textOf(typed)).toBe(canonicalText(texts));
  });
});

describe('busText', () => {
  const textOf = (published: ReturnType<typeof parseCloudEvent>, facts: Parameters<typeof busText>[2]): unknown =>
    JSON.parse(busText(published, canonicalText(published), facts));

  it('overrides what the publisher claims under the names of the exchange', () => {
    const facts = { publisher: 'me', recordedtime: '2026-11-24T10:00:00.000Z', schemaversion: 1, digest: 'd' };
    const claimed = parseCloudEvent({ ...event, publisher: 'someone', digest: 'forged', recordedtime: 'x' });
    expect(textOf(claimed, facts)).toEqual({ ...claimed, ...facts });
    expect(textOf(parseCloudEvent(event), facts)).toEqual({ ...event, ...facts });
  });
});

it('is computed by hand as the page says that shows what somebody was shown', () => {
  const page = readFileSync(join(__dirname, '../../../../docs/how-to/show-who-saw-what.md'), 'utf8');
  const [, script = ''] = /^node -e '\n([^']+)' < originals\.ndjson$/m.exec(page) ?? [];
  const originals = [
    { ...event, datacontenttype: 'application/json', count: 3, ok: true, subject: null },
    { ...event, id: '2', tombstone: true, data: { key: 'k', count: 3, none: null } },
    { ...event, id: '3', tombstone: false, zone: 'é "3"' },
  ];
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
  const digests = originals.map((original) => {
    const parsed = parseCloudEvent(original);
    return sha256(digestedText(parsed, canonicalText(parsed)));
  });
  // As the page says: of what is no tombstone, without it.
  const { tombstone: _, ...third } = originals[2] as { tombstone: boolean };
  const lines = [originals[0], originals[1], third].map((original) => JSON.stringify(original));
  const said = execFileSync(process.execPath, ['-e', script], {
    input: lines.join('\n'),
    env: { PATH: process.env.PATH },
  });
  expect(said.toString().trim()).toBe(sha256(digests.join('')));
});
