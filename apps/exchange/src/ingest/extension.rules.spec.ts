import { extensionFault } from './extension.rules';

describe('an extension', () => {
  it.each([
    ['correlationid', 'c-1'],
    ['causationid', 'e-1'],
    ['partitionkey', 'north'],
    ['sequence', '0001'],
    ['deprecated', true],
    ['deprecated', 'true'],
    ['expirytime', '2026-11-24T10:00:00Z'],
    ['note', ''],
    ['constructor', 'x'],
  ])('may be: %s %s', (name, value) => expect(extensionFault(name, value)).toBeUndefined());

  it.each([
    ['correlationid', '', 'empty'],
    ['causationid', '', 'empty'],
    ['partitionkey', '', 'empty'],
    ['sequence', '', 'empty'],
    ['deprecated', false, 'deprecated'],
    ['deprecated', 'false', 'deprecated'],
    ['deprecated', 1, 'deprecated'],
    ['expirytime', 'soon', 'time'],
    ['expirytime', '2026-02-30T00:00:00Z', 'time'],
    ['expirytime', 1_800_000_000, 'time'],
    ['dataclassification', 'internal', 'unsupported'],
    ['dataregulation', 'GDPR', 'unsupported'],
    ['datacategory', 'sensitive', 'unsupported'],
    ['dataref', 'https://example.org/1', 'unsupported'],
  ])('may not be: %s %s', (name, value, code) => expect(extensionFault(name, value)).toMatchObject({ code }));
});
