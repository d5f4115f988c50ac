import { type Caller, type NewAuditEntry, type Problem } from '@govbus/platform';
import type { AcceptedEvent } from './acceptance';
export declare const BUS_TOPIC = "bus.events";
export type Refused = {
    problem: Problem;
    dataset?: string;
};
/** What became of one event of a request. */
export type Outcome = {
    index: number;
    event: AcceptedEvent;
} | ({
    index: number;
    id?: string;
} & Refused);
export declare const acceptedIn: (outcomes: Outcome[]) => AcceptedEvent[];
export declare const refusedIn: (outcomes: Outcome[]) => Refused[];
export declare const messageOf: ({ dataset, text }: AcceptedEvent) => {
    topic: string;
    key: string;
    value: string;
    headers: {
        'content-type': string;
    };
};
/** How an answer names an outcome; `good` is what an event is called that is not refused. */
export declare function resultOf(outcome: Outcome, good?: 'accepted' | 'withheld'): {
    index: number;
    id: string;
    status: "accepted" | "withheld";
    problem?: undefined;
} | {
    index: number;
    id: string | undefined;
    status: string;
    problem: {
        code: string;
        detail: string;
        faults: import("@govbus/contracts").Fault[] | undefined;
        explanation: Record<string, unknown> | undefined;
    };
};
/** Who an event claims to be, for the receipt and the audit entry; only where it is well-formed. */
export declare function claimsOf(value: unknown): {
    id?: string;
    dataset?: string;
};
/** One entry for each code and dataset of a request; no payload, no id of an event. */
export declare function refusalEntries(refused: Refused[], caller: Caller | undefined, traceId: string): NewAuditEntry[];
//# sourceMappingURL=outcome.d.ts.map