import type { DeadLetter } from './dead-letters.sql';
export declare class DeadLetterResponse {
    deadLetterId: string;
    firstPosition: number;
    lastPosition: number;
    records: number;
    reason: string;
    attempts: number;
    putAsideAt: string;
    static from({ deadLetterId, after, through, records, reason, attempts, putAsideAt }: DeadLetter): DeadLetterResponse;
}
export declare class DeadLetterPage {
    items: DeadLetterResponse[];
    nextCursor?: string;
}
export declare class RedriveResponse {
    delivered: boolean;
    error?: string;
}
//# sourceMappingURL=dead-letters.dto.d.ts.map