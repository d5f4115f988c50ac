import type { FastifyRequest } from 'fastify';
/** Whether `?atomic=true` is there. Errors: `Invalid` `request.invalid` when it is neither `true` nor `false`. */
export declare function asksAtomic({ query }: FastifyRequest): boolean;
/**
 * Whether all or nothing of the request is to be accepted: `?atomic=true`, or `Prefer: handling=strict`.
 *
 * Errors: those of `asksAtomic`.
 * Source: RFC 7240, section 4.4.
 */
export declare const isAtomic: (request: FastifyRequest) => boolean;
/** The header that says that the preference was heeded. */
export declare const strictApplied: ({ headers }: FastifyRequest) => Record<string, string>;
//# sourceMappingURL=preference.d.ts.map