import type { Fault, SchemaVersionV1 } from '@govbus/contracts';
/** Checks an event's `data`: the faults, at most twenty, empty when it fits. */
export type PayloadCheck = (data: unknown) => Fault[];
/** One compiled check for each schema version; versions never change, so those `known` already are kept. */
export declare function compileChecks(schemas: SchemaVersionV1[], known?: Map<number, PayloadCheck>): Map<number, PayloadCheck>;
//# sourceMappingURL=payload-check.d.ts.map