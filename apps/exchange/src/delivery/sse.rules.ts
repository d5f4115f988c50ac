import type { DeliveredEvent } from '@govbus/contracts';
import type { Moves } from './keys';

/** The media type of a stream of events. Source: WHATWG HTML, section 9.2 (server-sent events); always UTF-8. */
export const sseType = 'text/event-stream';

/** One event: `id` is what the client names when it comes back. JSON keeps line ends out of `data`. */
export const eventFrame = (id: string, event: DeliveredEvent): string =>
  `id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

/** Moves what the client names when it comes back, and shows it nothing: a block without `data` makes no event. */
export const placeFrame = (id: string): string => `id: ${id}\n\n`;

/** The last event of a stream that is refused any further. */
export const problemFrame = (problem: object): string => `event: problem\ndata: ${JSON.stringify(problem)}\n\n`;

/** After how many milliseconds the client comes back when the stream ends. */
export const retryFrame = (milliseconds: number): string => `retry: ${milliseconds}\n\n`;

/** Keeps intermediaries from closing a stream on which nothing happens. */
export const heartbeatFrame = ':\n\n';

/**
 * Where a stream goes on that was at `position`: where its reader has gone back to since, or behind what was passed over.
 * Who only acknowledges moves no other stream.
 */
export function placeOf(position: number, at: Moves, now: Moves & { ackedPosition: number }): number {
  if (now.replays !== at.replays) return now.ackedPosition;
  return now.version === at.version ? position : Math.max(position, now.ackedPosition);
}

export type Chunk = { text: string; position: number };

/** The frames of a page gathered into writes of about `maxBytes`, each with the position of its last event. */
export function* chunksOf(
  events: readonly DeliveredEvent[],
  idOf: (position: number) => string,
  maxBytes: number,
): Generator<Chunk> {
  let text = '';
  let position = 0;
  for (const event of events) {
    position = Number(event.id);
    text += eventFrame(idOf(position), event);
    if (text.length < maxBytes) continue;
    yield { text, position };
    text = '';
  }
  if (text !== '') yield { text, position };
}
