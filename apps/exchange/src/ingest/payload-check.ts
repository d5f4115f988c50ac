import type { Fault, SchemaVersionV1 } from '@govbus/contracts';
import { compilePayloadSchema } from '@govbus/contracts/payload-schema';
import type { ErrorObject } from 'ajv/dist/2020';

type FaultsIn = (data: unknown) => Fault[];

const maxFaults = 20;

/** Checks an event's `data` against one schema version, which is compiled when it is needed, and once. */
export class PayloadCheck {
  private compiled: FaultsIn | undefined;

  constructor(
    private readonly schema: Record<string, unknown>,
    private readonly onUnusable: (error: unknown) => void,
  ) {}

  /** The faults, at most twenty, empty when it fits. */
  faultsIn(data: unknown): Fault[] {
    return (this.compiled ?? this.compile())(data);
  }

  /** Before the first event needs it. A version that cannot be used refuses every event, and is told of once. */
  compile(): FaultsIn {
    return (this.compiled ??= compile(this.schema, this.onUnusable));
  }
}

/** A check for each schema version; versions never change, so those `known` already are kept. */
export function checksOf(
  schemas: SchemaVersionV1[],
  known: Map<number, PayloadCheck> = new Map(),
  onUnusable: (schemaVersion: number, error: unknown) => void = () => undefined,
): Map<number, PayloadCheck> {
  return new Map(
    schemas.map(({ schemaVersion, schema }) => {
      const check = known.get(schemaVersion);
      return [schemaVersion, check ?? new PayloadCheck(schema, (error) => onUnusable(schemaVersion, error))];
    }),
  );
}

function compile(schema: Record<string, unknown>, onUnusable: (error: unknown) => void): FaultsIn {
  try {
    const validate = compilePayloadSchema(schema, 'lenient');
    return (data) => (validate(data) ? [] : (validate.errors ?? []).slice(0, maxFaults).map(toFault));
  } catch (error) {
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
