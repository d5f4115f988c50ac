import { type DeliveryMode, type OverScopeKind } from '@govbus/contracts';
/** A refusal because a use goes beyond its agreement. */
export type Beyond = {
    kind: OverScopeKind;
    code: string;
    reason: string;
    limit?: number;
};
/**
 * How an error says that an agreement was exceeded; undefined for every other one. A stranger's attempt and what comes
 * too late after a revocation are refused without an alarm: there is no agreement in force to be exceeded.
 */
export declare function beyondOf(error: unknown): Beyond | undefined;
/** Whether the refusal is worth an alarm. A stream or an export whose limits are used up exceeds nothing: it waits. */
export declare const isAlarming: ({ limit }: Beyond, mode: DeliveryMode) => boolean;
/** Whether a consumer asks for each page itself. What the bus sends by itself exceeds nothing: it waits. */
export declare const isAskedFor: (mode: DeliveryMode) => boolean;
//# sourceMappingURL=over-scope.rules.d.ts.map