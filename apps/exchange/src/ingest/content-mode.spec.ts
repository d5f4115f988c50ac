import 'reflect-metadata';
import { modeOf } from './content-mode';

const ce = { 'ce-id': '1', 'ce-source': '/a', 'ce-type': 't', 'ce-specversion': '1.0' };
const codeOf = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    return (error as { status: number }).status;
  }
};

describe('modeOf', () => {
  it.each([
    ['application/cloudevents+json', 'structured'],
    ['Application/CloudEvents+JSON; charset=UTF-8', 'structured'],
    ['application/cloudevents-batch+json', 'batch'],
    ['APPLICATION/CLOUDEVENTS-BATCH+JSON ; charset="utf-8"', 'batch'],
    ['application/cloudevents-batch+avro', 415],
    ['application/cloudevents+avro', 415],
    ['application/cloudevents', 415],
    ['application/x-ndjson', 'stream'],
    ['application/jsonl; charset=utf-8', 'stream'],
    ['application/cloudevents+json; charset=utf-16', 415],
    ['text/xml', 415],
    ['', 415],
  ])('`%s` is %s, with or without `ce-` headers beside it', (type, mode) => {
    expect(codeOf(() => modeOf({ 'content-type': type }))).toBe(mode);
    expect(codeOf(() => modeOf({ 'content-type': type, ...ce }))).toBe(mode);
  });

  it.each(['application/json', 'text/json', 'application/vnd.animal+json; v=1'])(
    '`%s` with headers is binary',
    (type) => {
      expect(modeOf({ 'content-type': type, ...ce })).toBe('binary');
      expect(modeOf({ 'content-type': type, 'ce-id': '1' })).toBe('binary');
    },
  );
  it('without them `application/json` alone is a structured event', () => {
    expect(modeOf({ 'content-type': 'application/json' })).toBe('structured');
    expect(codeOf(() => modeOf({ 'content-type': 'application/vnd.animal+json' }))).toBe(415);
  });
});
