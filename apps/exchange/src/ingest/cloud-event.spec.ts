import 'reflect-metadata';
import { Invalid } from '@govbus/contracts';
import { canonicalText } from './canonical';
import { askedSchemaVersion, busText, parseCloudEvent } from './cloud-event';

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
    ['an array', [], ' type'],
    ['no id', { ...event, id: undefined }, '/id required'],
    ['a null source', { ...event, source: null }, '/source required'],
    ['an empty type', { ...event, type: '' }, '/type empty'],
    ['another version', { ...event, specversion: '0.3' }, '/specversion specversion'],
    ['a number as id', { ...event, id: 7 }, '/id type'],
    ['an id of 513 characters', { ...event, id: 'x'.repeat(513) }, '/id length'],
    ['source and id of 2,049 bytes', { ...event, id: '界'.repeat(512), source: '界'.repeat(171) }, '/id length'],
    ['a time that is not RFC 3339', { ...event, time: 'yesterday' }, '/time time'],
    ['a time that does not exist', { ...event, time: '2026-13-01T00:00:00Z' }, '/time time'],
    ['data that is text', { ...event, data: 'x' }, '/data type'],
    ['no data', { ...event, data: undefined }, '/data type'],
    ['a dataset that is no slug', { ...event, dataset: 'No Slug' }, '/dataset dataset'],
    ['content that is not JSON', { ...event, datacontenttype: 'text/xml' }, '/datacontenttype datacontenttype'],
    ['an extension in capitals', { ...event, Extension: 'x' }, ' attribute-name'],
    ['an extension of 21 characters', { ...event, ['x'.repeat(21)]: 'x' }, ' attribute-name'],
    ['an extension that is an object', { ...event, extra: {} }, '/extra type'],
    ['an extension beyond 32 bits', { ...event, extra: 2 ** 31 }, '/extra type'],
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
