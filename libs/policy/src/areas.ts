import type { AreaTermV1, TermsV1 } from '@govbus/contracts';
import { compilePointer } from './pointer';

// Province, prefecture, county, town, community.
const levels = [2, 4, 6, 9, 12];
const isAreaCode = (value: unknown): value is string => typeof value === 'string' && /^\d{12}$/.test(value);

/** The digits of an area's own level; those behind are zeros. */
const prefixOf = (code: string): string => {
  const level = levels.find((length) => /^0*$/.test(code.slice(length))) ?? code.length;
  return code.slice(0, level);
};

/**
 * Whether the area `inner` is `outer` or a part of it: `370215002000` lies in `370215000000`.
 *
 * Errors: none; what is not a code of 12 digits lies nowhere.
 * Source: codes of statistical divisions (2, 4, 6, 9 and 12 digits, filled with zeros).
 */
export const isAreaWithin = (inner: unknown, outer: string): boolean =>
  isAreaCode(inner) && isAreaCode(outer) && inner.startsWith(prefixOf(outer));

/** Whether a record lies in one of the areas; one without a code never does. */
export function compileArea({ field, codes }: AreaTermV1): (data: unknown) => boolean {
  const at = compilePointer(field);
  const prefixes = codes.filter(isAreaCode).map(prefixOf);
  return (data) => {
    const code = at(data);
    return isAreaCode(code) && prefixes.some((prefix) => code.startsWith(prefix));
  };
}

/**
 * Terms for one area alone, never wider than they were: when it does not lie in theirs, or they name none, they give no
 * record at all.
 */
export function narrowArea(terms: TermsV1, areaCode: string): TermsV1 {
  const { field, codes } = terms.area ?? { field: '', codes: [] };
  return { ...terms, area: { field, codes: codes.some((code) => isAreaWithin(areaCode, code)) ? [areaCode] : [] } };
}
