import { compileChecks } from './payload-check';

const schema = {
  $id: 'https://example.org/animal',
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string', format: 'date' }, legs: { type: 'integer' } },
};

describe('compileChecks', () => {
  const checks = compileChecks([{ schemaVersion: 1, schema }]);

  it('answers no faults for data that fits', () => {
    expect(checks.get(1)?.({ name: '2026-11-24', legs: 4 })).toEqual([]);
  });
  it('names pointer and keyword, never the value', () => {
    expect(checks.get(1)?.({ name: '2026-11-24', legs: 'planted' })).toEqual([
      { pointer: '/data/legs', code: 'type', detail: 'breaks `type`' },
    ]);
    expect(checks.get(1)?.({})).toEqual([{ pointer: '/data', code: 'required', detail: 'breaks `required` `name`' }]);
    expect(checks.get(1)?.({ name: 'planted' })).toMatchObject([{ code: 'format' }]);
  });
  it('keeps what is compiled and takes the same $id again', () => {
    const more = compileChecks(
      [
        { schemaVersion: 1, schema },
        { schemaVersion: 2, schema },
      ],
      checks,
    );
    expect(more.get(1)).toBe(checks.get(1));
    expect(more.get(2)).toBeDefined();
  });
  it('closes a version that cannot be used, tells of it once and leaves the others open', () => {
    const told: number[] = [];
    const schemas = [
      { schemaVersion: 1, schema: { type: 'object', allOf: [{ $ref: '#' }] } },
      { schemaVersion: 2, schema: { type: 'object', properties: { id: { type: 'unknown' } } } },
      { schemaVersion: 3, schema },
    ];
    const mixed = compileChecks(schemas, new Map(), (version) => told.push(version));
    expect(mixed.get(1)?.({})).toMatchObject([{ pointer: '/dataschema', code: 'schema-unusable' }]);
    expect(mixed.get(2)?.({})).toMatchObject([{ code: 'schema-unusable' }]);
    expect(mixed.get(3)?.({ name: '2026-11-24' })).toEqual([]);
    compileChecks(schemas, mixed, (version) => told.push(version));
    expect(told).toEqual([1, 2]);
  });
  it('tests patterns in linear time', () => {
    const mail = { type: 'string', pattern: '^([a-zA-Z0-9]+\\.?)+@example$' };
    const linear = compileChecks([{ schemaVersion: 1, schema: { type: 'object', properties: { mail } } }]);
    expect(linear.get(1)?.({ mail: `${'a'.repeat(50)}!` })).toMatchObject([{ code: 'pattern' }]);
  });
});
