import { type Fault, Invalid } from '@govbus/contracts';
import { Ajv2020 } from 'ajv/dist/2020';
import formats from 'ajv-formats';

const maxBytes = 65_536;

/**
 * Checks a JSON Schema that events will be checked with.
 *
 * Errors: `Invalid` `schema.invalid`, saying where; `field.unknown` for declared fields that the schema does not have.
 * Source: JSON Schema draft 2020-12.
 */
export function checkSchema(schema: Record<string, unknown>, pointers: Record<string, string>): void {
  if (Buffer.byteLength(JSON.stringify(schema)) > maxBytes)
    throw new Invalid('schema.too-large', `a schema has at most ${maxBytes} bytes`);
  if (schema.type !== 'object') throw invalid('/schema/type', 'the schema must be of type `object`');
  if (JSON.stringify(schema).includes('"$ref":"http')) throw invalid('/schema', 'a schema may not refer to others');
  const ajv = new Ajv2020({ strict: true, allErrors: true, validateFormats: true });
  formats.default(ajv);
  try {
    ajv.compile(schema);
  } catch (error) {
    throw invalid('/schema', error instanceof Error ? error.message.slice(0, 300) : 'is not a JSON Schema');
  }
  const faults: Fault[] = Object.entries(pointers)
    .filter(([, pointer]) => !hasField(schema, pointer))
    .map(([where, field]) => ({ pointer: where, code: 'field.unknown', detail: `the schema has no field ${field}` }));
  if (faults.length > 0) throw new Invalid('dataset.invalid', 'fields and schema do not fit', { faults });
}

function hasField(schema: Record<string, unknown>, pointer: string): boolean {
  let at: unknown = schema;
  for (const step of pointer.slice(1).split('/')) {
    if (typeof at !== 'object' || at === null || !('properties' in at)) return false;
    const { properties } = at;
    if (typeof properties !== 'object' || properties === null || !Object.hasOwn(properties, step)) return false;
    at = (properties as Record<string, unknown>)[step];
  }
  return true;
}

const invalid = (pointer: string, detail: string): Invalid =>
  new Invalid('schema.invalid', 'the schema cannot be used', { faults: [{ pointer, code: 'schema.invalid', detail }] });
