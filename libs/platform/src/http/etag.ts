import { Stale } from '@govbus/contracts';

/** The strong validator of an entity's version, such as `"3"`. Source: RFC 9110, section 8.8.3. */
export const etagOf = (version: number): string => `"${version}"`;

/**
 * Refuses a change that was made on an older version.
 *
 * Shape: `header` is the request's `If-Match`; without one, or with `*`, every version will do.
 * Errors: `Stale` `entity.stale`. Source: RFC 9110, section 13.1.1.
 */
export function assertIfMatch(header: string | undefined, version: number): void {
  if (header === undefined || header.trim() === '*') return;
  if (!header.split(',').some((tag) => tag.trim() === etagOf(version)))
    throw new Stale('entity.stale', `it has changed: it is at version ${version} now`);
}
