import { Conflict, type Fault, Invalid, stepsOf, valueAt } from '@govbus/contracts';
import { compilePayloadSchema } from '@govbus/contracts/payload-schema';

/** Most bytes of one schema's JSON. */
export const maxBytes = 65_536;
/** Most bytes of a dataset's schemas together: all of them travel in each of its records. */
export const maxBytesTogether = 1024 * 1024;

/**
 * Checks a JSON Schema that events will be checked with, and that it has the fields that are declared of the dataset.
 *
 * Shape: `pointers` are those into `data`, each by the place where the request names it.
 * Errors: `Invalid` `schema.too-large` beyond `maxBytes`; `schema.invalid`, with the place; `dataset.invalid` with a fault
 *   `field.unknown` for each field that the schema does not have.
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

const hasField = (schema: Record<string, unknown>, pointer: string): boolean =>
  valueAt(
    schema,
    stepsOf(pointer).flatMap((step) => ['properties', step]),
  ) !== undefined;

/** Errors: `Conflict` `schema.too-many` when the versions of a dataset grow larger than its record may be. */
export function checkTogether(schemas: Record<string, unknown>[]): void {
  if (schemas.reduce((sum, schema) => sum + bytesOf(schema), 0) > maxBytesTogether)
    throw new Conflict('schema.too-many', `the schemas of a dataset have at most ${maxBytesTogether} bytes together`);
}

const bytesOf = (schema: Record<string, unknown>): number => Buffer.byteLength(JSON.stringify(schema));
const invalid = (pointer: string, detail: string): Invalid =>
  new Invalid('schema.invalid', 'the schema cannot be used', { faults: [{ pointer, code: 'schema.invalid', detail }] });
