import { Conflict, type Fault, Invalid } from '@govbus/contracts';
import { compilePayloadSchema } from '@govbus/contracts/payload-schema';

/** Most bytes of one schema's JSON. */
export const maxBytes = 65_536;
/** Most bytes of a dataset's schemas together: all of them travel in each of its records. */
export const maxBytesTogether = 1024 * 1024;

/**
 * Checks a JSON Schema that events will be checked with.
 *
 * Errors: `Invalid` `schema.invalid`, saying where; `field.unknown` for declared fields that the schema does not have.
 * Source: JSON Schema draft 2020-12.
 */
export function checkSchema(schema: Record<string, unknown>, pointers: Record<string, string>): void {
  if (bytesOf(schema) > maxBytes) throw new Invalid('schema.too-large', `a schema has at most ${maxBytes} bytes`);
  if (schema.type !== 'object') throw invalid('/schema/type', 'the schema must be of type `object`');
  if (JSON.stringify(schema).includes('"$ref":"http')) throw invalid('/schema', 'a schema may not refer to others');
  compilePayloadSchema(schema, 'strict');
  const faults: Fault[] = Object.entries(pointers)
    .filter(([, pointer]) => !hasField(schema, pointer))
    .map(([where, field]) => ({ pointer: where, code: 'field.unknown', detail: `the schema has no field ${field}` }));
  if (faults.length > 0) throw new Invalid('dataset.invalid', 'fields and schema do not fit', { faults });
}

function hasField(schema: Record<string, unknown>, pointer: string): boolean {
  let at: unknown = schema;
  for (const escaped of pointer.slice(1).split('/')) {
    const step = escaped.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof at !== 'object' || at === null || !('properties' in at)) return false;
    const { properties } = at;
    if (typeof properties !== 'object' || properties === null || !Object.hasOwn(properties, step)) return false;
    at = (properties as Record<string, unknown>)[step];
  }
  return true;
}

/** Errors: `Conflict` `schema.too-many` when the versions of a dataset grow larger than its record may be. */
export function checkTogether(schemas: Record<string, unknown>[]): void {
  if (schemas.reduce((sum, schema) => sum + bytesOf(schema), 0) > maxBytesTogether)
    throw new Conflict('schema.too-many', `the schemas of a dataset have at most ${maxBytesTogether} bytes together`);
}

const bytesOf = (schema: Record<string, unknown>): number => Buffer.byteLength(JSON.stringify(schema));
const invalid = (pointer: string, detail: string): Invalid =>
  new Invalid('schema.invalid', 'the schema cannot be used', { faults: [{ pointer, code: 'schema.invalid', detail }] });
