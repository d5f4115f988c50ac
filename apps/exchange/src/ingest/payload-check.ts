import type { Fault, SchemaVersionV1 } from '@govbus/contracts';
import addFormats from 'ajv-formats';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020';

/** Checks an event's `data`: the faults, at most twenty, empty when it fits. */
export type PayloadCheck = (data: unknown) => Fault[];

const maxFaults = 20;

/** One compiled check for each schema version; versions never change, so those `known` already are kept. */
export function compileChecks(
  schemas: SchemaVersionV1[],
  known: Map<number, PayloadCheck> = new Map(),
): Map<number, PayloadCheck> {
  return new Map(
    schemas.map(({ schemaVersion, schema }) => [schemaVersion, known.get(schemaVersion) ?? compile(schema)]),
  );
}

function compile(schema: Record<string, unknown>): PayloadCheck {
  // An instance for each schema: `$id`s of different datasets must not meet.
  const ajv = new Ajv2020({ strict: false, allErrors: false, ownProperties: true, logger: false });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  return (data) => (validate(data) ? [] : (validate.errors ?? []).slice(0, maxFaults).map(toFault));
}

// The keyword and what the schema says of it; never the value, and never a name that the publisher made up.
function toFault(error: ErrorObject): Fault {
  const params = error.params as { missingProperty?: string };
  const missing = params.missingProperty === undefined ? '' : ` \`${params.missingProperty}\``;
  const pointer = error.instancePath === '' ? '/data' : `/data${error.instancePath}`;
  return { pointer, code: error.keyword, detail: `breaks \`${error.keyword}\`${missing}` };
}
