import type { OverScopeKind } from '@govbus/contracts';
import type { EntityManager } from 'typeorm';
/** Whether an alarm is due: the first of its kind in a minute, or under a newer version, in whichever process. */
export declare function claimAlarm({ agreementId, kind, version }: {
    agreementId: string;
    kind: OverScopeKind;
    version: number;
}, tx: EntityManager): Promise<boolean>;
/** Whether the agreement is held back from now on; nothing happens to a newer version, or to one that does not run. */
export declare function hold({ agreementId, kind, version }: {
    agreementId: string;
    kind: OverScopeKind;
    version: number;
}, tx: EntityManager): Promise<boolean>;
//# sourceMappingURL=over-scope.sql.d.ts.map