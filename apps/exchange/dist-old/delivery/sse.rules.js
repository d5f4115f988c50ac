"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.heartbeatFrame = exports.retryFrame = exports.problemFrame = exports.placeFrame = exports.eventFrame = exports.sseType = void 0;
exports.chunksOf = chunksOf;
/** The media type of a stream of events. Source: WHATWG HTML, section 9.2 (server-sent events); always UTF-8. */
exports.sseType = 'text/event-stream';
/** One event: `id` is what the client names when it comes back. JSON keeps line ends out of `data`. */
const eventFrame = (id, event) => `id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
exports.eventFrame = eventFrame;
/** Moves what the client names when it comes back, and shows it nothing: a block without `data` makes no event. */
const placeFrame = (id) => `id: ${id}\n\n`;
exports.placeFrame = placeFrame;
/** The last event of a stream that is refused any further. */
const problemFrame = (problem) => `event: problem\ndata: ${JSON.stringify(problem)}\n\n`;
exports.problemFrame = problemFrame;
/** After how many milliseconds the client comes back when the stream ends. */
const retryFrame = (milliseconds) => `retry: ${milliseconds}\n\n`;
exports.retryFrame = retryFrame;
/** Keeps intermediaries from closing a stream on which nothing happens. */
exports.heartbeatFrame = ':\n\n';
/** The frames of a page gathered into writes of about `maxBytes`, each with the position of its last event. */
function* chunksOf(events, idOf, maxBytes) {
    let text = '';
    let position = 0;
    for (const event of events) {
        position = Number(event.id);
        text += (0, exports.eventFrame)(idOf(position), event);
        if (text.length < maxBytes)
            continue;
        yield { text, position };
        text = '';
    }
    if (text !== '')
        yield { text, position };
}
//# sourceMappingURL=sse.rules.js.map