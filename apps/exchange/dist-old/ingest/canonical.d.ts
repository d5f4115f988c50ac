/**
 * The canonical JSON (RFC 8785) of a parsed value: its text on the bus, and what its digest is taken of.
 *
 * Errors: those of `refuseUnkeepable`. One walk does both, since it is the dearest step of the ingest after the parser
 * (bench `batch`).
 */
export declare function canonicalText(value: unknown): string;
//# sourceMappingURL=canonical.d.ts.map