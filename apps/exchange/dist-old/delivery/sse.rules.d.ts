import type { DeliveredEvent } from '@govbus/contracts';
/** The media type of a stream of events. Source: WHATWG HTML, section 9.2 (server-sent events); always UTF-8. */
export declare const sseType = "text/event-stream";
/** One event: `id` is what the client names when it comes back. JSON keeps line ends out of `data`. */
export declare const eventFrame: (id: string, event: DeliveredEvent) => string;
/** Moves what the client names when it comes back, and shows it nothing: a block without `data` makes no event. */
export declare const placeFrame: (id: string) => string;
/** The last event of a stream that is refused any further. */
export declare const problemFrame: (problem: object) => string;
/** After how many milliseconds the client comes back when the stream ends. */
export declare const retryFrame: (milliseconds: number) => string;
/** Keeps intermediaries from closing a stream on which nothing happens. */
export declare const heartbeatFrame = ":\n\n";
export type Chunk = {
    text: string;
    position: number;
};
/** The frames of a page gathered into writes of about `maxBytes`, each with the position of its last event. */
export declare function chunksOf(events: readonly DeliveredEvent[], idOf: (position: number) => string, maxBytes: number): Generator<Chunk>;
//# sourceMappingURL=sse.rules.d.ts.map