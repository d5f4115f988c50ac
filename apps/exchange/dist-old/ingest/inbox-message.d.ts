import { type Fault } from '@govbus/contracts';
import type { HeadedMessage } from '@govbus/messaging';
/**
 * The CloudEvent that a message of an inbox carries, to be checked like the body of a request: structured by its content
 * type, or without one; binary where `ce_` headers stand beside a JSON type.
 *
 * Errors: `EdgeError` 413 `body.too-large`, 415 `media-type.unsupported`; `Invalid` `body.malformed`, `event.invalid`.
 * Source: CloudEvents Kafka Protocol Binding 1.0.2, section 3.
 */
export declare function eventIn({ value, headers }: HeadedMessage): unknown;
/**
 * A refused message as its sender finds it again: same key, value and headers, and the reason in headers of their own.
 * What is larger than a topic takes is left out; `origin-partition` and `origin-offset` say where it stands.
 */
export declare function rejectedCopy(topic: string, partition: number, message: HeadedMessage, reason: RejectionReason): {
    topic: string;
    key: Buffer<ArrayBufferLike> | null;
    value: Buffer<ArrayBufferLike> | null;
    headers: {
        code: string;
        detail: string;
        faults?: string | undefined;
        'origin-partition': string;
        'origin-offset': string;
    };
};
/** Why a message was refused; nothing of what it holds. */
export type RejectionReason = {
    code: string;
    detail: string;
    faults?: Fault[];
};
//# sourceMappingURL=inbox-message.d.ts.map