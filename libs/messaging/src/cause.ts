import { AsyncLocalStorage } from 'node:async_hooks';

/** A message as far as what comes of it names it. */
type Message = { id?: unknown; correlationid?: unknown };
/** What a message of ours says of where it comes from: the one before it, and the first of all. */
export type Cause = { causationid?: string; correlationid?: string };

const handled = new AsyncLocalStorage<Cause>();

/**
 * Handles a message: whatever the outbox takes meanwhile names it as its cause.
 *
 * Source: CloudEvents extension "correlation": `causationid` is the `id` of the causing event.
 */
export function causedBy<T>({ id, correlationid }: Message, work: () => Promise<T>): Promise<T> {
  if (!isText(id)) return work();
  return handled.run({ causationid: id, correlationid: isText(correlationid) ? correlationid : id }, work);
}

/** Of the message that is being handled; empty when there is none. */
export const activeCause = (): Cause => handled.getStore() ?? {};

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
