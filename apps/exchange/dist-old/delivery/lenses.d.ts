import { compileLens } from '@govbus/policy';
import type { AgreementCopy } from '../agreements/agreement.entity';
import { Keys } from './keys';
export type Lens = ReturnType<typeof compileLens>;
/** The lens of each agreement, compiled once for each version, and for each area that it is narrowed to. */
export declare class Lenses {
    private readonly keys;
    private readonly compiled;
    constructor(keys: Keys);
    of(agreement: AgreementCopy, areaCode?: string): Lens;
}
//# sourceMappingURL=lenses.d.ts.map