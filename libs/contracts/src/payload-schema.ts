import addFormats from 'ajv-formats';
import { Ajv2020, type Options, type ValidateFunction } from 'ajv/dist/2020';
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
  const { $schema = draft } = schema;
  if (!names.some((name) => name === $schema)) throw refusal('/$schema', `is not \`${draft}\``);
  try {
    metaschemas[reading].validateSchema(schema, true);
    // An instance for each schema: `$id`s of different datasets must not meet.
    return ajvFor(reading, { meta: false, validateSchema: false }).compile(schema);
  } catch (error) {
    throw refusal('', error instanceof Error ? error.message.slice(0, 300) : 'is not a JSON Schema');
  }
}

const draft = 'https://json-schema.org/draft/2020-12/schema';
/** How a schema may name the draft. */
const names = [draft, 'http://json-schema.org/schema'].flatMap((name) => [name, `${name}#`]);

// References stay calls, because code that is copied into each place that refers to it multiplies.
function ajvFor(reading: SchemaReading, over: Options = {}): Ajv2020 {
  const ajv = new Ajv2020({
    strict: reading === 'strict',
    ownProperties: true,
    inlineRefs: false,
    logger: false,
    code: { regExp: Object.assign(linearPattern, { code: 'linearPattern' }) },
    ...over,
  });
  addFormats.default(ajv);
  return ajv;
}

// What says whether a schema is one is compiled once: that takes five times as long as most schemas do. These keep
// nothing of a schema that they look at.
const metaschemas = { strict: ajvFor('strict'), lenient: ajvFor('lenient') };
