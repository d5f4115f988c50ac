export declare class UnreadableMessageResponse {
    id: string;
    topic: string;
    partition: number;
    offset: string;
    reason: string;
    bytes: number;
    parkedAt: Date;
}
export declare class UnreadableMessagePage {
    items: UnreadableMessageResponse[];
    nextCursor?: string;
}
export declare class ReplayAllResponse {
    replayed: number;
    left: number;
}
export declare class DiscardOrder {
    reason: string;
}
//# sourceMappingURL=unreadable-messages.dto.d.ts.map