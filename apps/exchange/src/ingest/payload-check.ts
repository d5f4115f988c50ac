import { DomainError, type Fault, type SchemaVersionV1 } from '@govbus/contracts';
import { compilePayloadSchema } from '@govbus/contracts/payload-schema';
import type { ErrorObject } from 'ajv/dist/2020';

/** Checks an event's `data`: the faults, at most twenty, empty when it fits. */
export type PayloadCheck = (data: unknown) => Fault[];

const maxFaults = 20;

/**
 * One compiled check for each schema version; versions never change, so those `known` already are kept.
 *
 * Shape: a version that cannot be used refuses every event and is told of once; the others work on.
 */
export function compileChecks(
  schemas: SchemaVersionV1[],
  known: Map<number, PayloadCheck> = new Map(),
  onUnusable: (schemaVersion: number, error: DomainError) => void = () => undefined,
): Map<number, PayloadCheck> {
  return new Map(
    schemas.map(({ schemaVersion, schema }) => {
      const check = known.get(schemaVersion) ?? compile(schema, (error) => onUnusable(schemaVersion, error));
      return [schemaVersion, check];
    }),
  );
}

function compile(schema: Record<string, unknown>, onUnusable: (error: DomainError) => void): PayloadCheck {
  try {
    const validate = compilePayloadSchema(schema, 'lenient');
    return (data) => (validate(data) ? [] : (validate.errors ?? []).slice(0, maxFaults).map(toFault));
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    onUnusable(error);
    const detail = 'the schema version cannot be used; the dataset needs a new one';
    return () => [{ pointer: '/dataschema', code: 'schema-unusable', detail }];
  }
}

// The keyword and what the schema says of it; never the value, and never a name that the publisher made up.
function toFault(error: ErrorObject): Fault {
  const params = error.params as { missingProperty?: string };
  const missing = params.missingProperty === undefined ? '' : ` \`${params.missingProperty}\``;
  const pointer = error.instancePath === '' ? '/data' : `/data${error.instancePath}`;
  return { pointer, code: error.keyword, detail: `breaks \`${error.keyword}\`${missing}` };
}
