import { Conflict, type TermsV1 } from '@govbus/contracts';
import { isAreaWithin } from '@govbus/policy';

// Explained, because it is a use beyond the agreement; where there are no areas, nothing was exceeded.
const explanation = {
  code: 'agreement.other-area',
  attribute: 'agreement.terms.area',
  needed: 'an area within those of the agreement',
  detail: 'the area does not lie in the areas of the agreement',
};

/** Errors: `Conflict` `agreement.no-area` when the terms name no area, `agreement.other-area` when it is not in theirs. */
export function requireArea(areaCode: string, { area }: Pick<TermsV1, 'area'>): void {
  // No other field may be asked: what the agreement does not show must not be found out by narrowing.
  if (!area)
    throw new Conflict('agreement.no-area', 'the agreement is not bound to areas: it cannot be narrowed to one');
  if (!area.codes.some((code) => isAreaWithin(areaCode, code)))
    throw new Conflict('agreement.other-area', 'the area does not lie in the areas of the agreement', { explanation });
}
