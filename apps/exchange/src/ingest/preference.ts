import { Invalid } from '@govbus/contracts';
import type { FastifyRequest } from 'fastify';

const strict = /(?:^|,)\s*handling\s*=\s*"?strict"?\s*(?:[;,]|$)/i;

/**
 * Whether all or nothing of the request is to be accepted: `?atomic=true`, or `Prefer: handling=strict`.
 *
 * Errors: `Invalid` `request.invalid` when `atomic` is neither `true` nor `false`.
 * Source: RFC 7240, section 4.4.
 */
export function isAtomic({ query, headers }: FastifyRequest): boolean {
  const { atomic } = query as { atomic?: unknown };
  if (atomic !== undefined && atomic !== 'true' && atomic !== 'false')
    throw new Invalid('request.invalid', '`atomic` must be `true` or `false`');
  return atomic === 'true' || strict.test(String(headers.prefer ?? ''));
}

/** The header that says that the preference was heeded. */
export const strictApplied = ({ headers }: FastifyRequest): Record<string, string> =>
  strict.test(String(headers.prefer ?? '')) ? { 'preference-applied': 'handling=strict' } : {};
