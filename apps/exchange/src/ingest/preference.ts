import { Invalid } from '@govbus/contracts';
import type { FastifyRequest } from 'fastify';

const strict = /(?:^|,)\s*handling\s*=\s*"?strict"?\s*(?:[;,]|$)/i;

/** Whether `?atomic=true` is there. Errors: `Invalid` `request.invalid` when it is neither `true` nor `false`. */
export function asksAtomic({ query }: FastifyRequest): boolean {
  const { atomic } = query as { atomic?: unknown };
  if (atomic !== undefined && atomic !== 'true' && atomic !== 'false')
    throw new Invalid('request.invalid', '`atomic` must be `true` or `false`');
  return atomic === 'true';
}

/**
 * Whether all or nothing of the request is to be accepted: `?atomic=true`, or `Prefer: handling=strict`.
 *
 * Errors: those of `asksAtomic`.
 * Source: RFC 7240, section 4.4.
 */
export const isAtomic = (request: FastifyRequest): boolean =>
  asksAtomic(request) || strict.test(String(request.headers.prefer ?? ''));

/** The header that says that the preference was heeded. */
export const strictApplied = ({ headers }: FastifyRequest): Record<string, string> =>
  strict.test(String(headers.prefer ?? '')) ? { 'preference-applied': 'handling=strict' } : {};
