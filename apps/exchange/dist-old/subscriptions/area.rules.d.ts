import { type TermsV1 } from '@govbus/contracts';
/** Errors: `Conflict` `agreement.no-area` when the terms name no area, `agreement.other-area` when it is not in theirs. */
export declare function requireArea(areaCode: string, { area }: Pick<TermsV1, 'area'>): void;
//# sourceMappingURL=area.rules.d.ts.map