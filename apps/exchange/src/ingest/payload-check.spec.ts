import { checksOf } from './payload-check';

const schema = {
  $id: 'https://example.org/animal',
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string', format: 'date' }, legs: { type: 'integer' } },
};

describe('a payload check', () => {
  const checks = checksOf([{ schemaVersion: 1, schema }]);

  it('answers no faults for data that fits', () => {
    expect(checks.get(1)?.faultsIn({ name: '2026-11-24', legs: 4 })).toEqual([]);
  });
  it('names pointer and keyword, never the value', () => {
    expect(checks.get(1)?.faultsIn({ name: '2026-11-24', legs: 'planted' })).toEqual([
      { pointer: '/data/legs', code: 'type', detail: 'breaks `type`' },
    ]);
    expect(checks.get(1)?.faultsIn({})).toEqual([
      { pointer: '/data', code: 'required', detail: 'breaks `required` `name`' },
    ]);
    expect(checks.get(1)?.faultsIn({ name: 'planted' })).toMatchObject([{ code: 'format' }]);
  });
  it('is kept for as long as its version, and takes the same $id again', () => {
    const more = checksOf(
      [
        { schemaVersion: 1, schema },
        { schemaVersion: 2, schema },
      ],
      checks,
    );
    expect(more.get(1)).toBe(checks.get(1));
    expect(more.get(2)?.faultsIn({ name: '2026-11-24' })).toEqual([]);
  });
  it('closes a version that cannot be used, tells of it once when it is needed, and leaves the others open', () => {
    const told: number[] = [];
    const schemas = [
      { schemaVersion: 1, schema: { type: 'object', allOf: [{ $ref: '#' }] } },
      { schemaVersion: 2, schema: { type: 'object', properties: { id: { type: 'unknown' } } } },
      { schemaVersion: 3, schema },
    ];
    const mixed = checksOf(schemas, new Map(), (version) => told.push(version));
    expect(told).toEqual([]);
    for (const at of [1, 2])
      for (let use = 0; use < 2; use += 1)
        expect(mixed.get(at)?.faultsIn({})).toMatchObject([{ pointer: '/dataschema', code: 'schema-unusable' }]);
    mixed.get(2)?.compile();
    expect(mixed.get(3)?.faultsIn({ name: '2026-11-24' })).toEqual([]);
    checksOf(schemas, mixed, (version) => told.push(version))
      .get(1)
      ?.compile();
    expect(told).toEqual([1, 2]);
  });
  it('tests patterns in linear time', () => {
    const mail = { type: 'string', pattern: '^([a-zA-Z0-9]+\\.?)+@example$' };
    const linear = checksOf([{ schemaVersion: 1, schema: { type: 'object', properties: { mail } } }]);
    expect(linear.get(1)?.faultsIn({ mail: `${'a'.repeat(50)}!` })).toMatchObject([{ code: 'pattern' }]);
  });
});
