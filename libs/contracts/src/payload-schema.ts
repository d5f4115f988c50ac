import addFormats from 'ajv-formats';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020';
import { linearPattern } from './linear-pattern';
import { checkSchemaWork, refusal } from './schema-work';

/** `strict` refuses keywords that are unknown or without effect; `lenient` takes what was registered once. */
export type SchemaReading = 'strict' | 'lenient';

/**
 * The check of an event's `data` against a schema version: the same in the catalog, which refuses a schema, and in the
 * exchange, which runs it.
 *
 * Shape: stops at the first fault. Bounded by `checkSchemaWork`; patterns are linear.
 * Errors: `Invalid` `schema.invalid` with the place as a pointer below `/schema`; throws nothing else.
 * Source: JSON Schema draft 2020-12.
 */
export function compilePayloadSchema(schema: Record<string, unknown>, reading: SchemaReading): ValidateFunction {
  checkSchemaWork(schema);
  // An instance for each schema: `$id`s of different datasets must not meet. References stay calls, because code that
  // is copied into each place that refers to it multiplies.
  const ajv = new Ajv2020({
    strict: reading === 'strict',
    ownProperties: true,
    inlineRefs: false,
    logger: false,
    code: { regExp: Object.assign(linearPattern, { code: 'linearPattern' }) },
  });
  addFormats.default(ajv);
  try {
    return ajv.compile(schema);
  } catch (error) {
    throw refusal('', error instanceof Error ? error.message.slice(0, 300) : 'is not a JSON Schema');
  }
}
