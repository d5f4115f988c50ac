// An inner function of kafkajs 2.2.4 that is mended: when the brokers change while a consumer stops, it makes fetchers anew
// that nobody stops, and since the consumer no longer runs each of their fetches returns at once: the event loop of the
// process never gets another turn (`cluster.int.spec.ts` hung so, with two brokers of three dead).

type FetchManager = { start: () => Promise<void>; stop: () => Promise<void>; getFetchers: () => unknown[] };
type Options = { fetch: (nodeId: number) => Promise<unknown[]> };
export type CreateFetchManager<T extends Options = Options> = (options: T) => FetchManager;

/** Fetches that end for good once they are stopped, whatever they are about. */
export const endingFetches =
  <T extends Options>(original: CreateFetchManager<T>): CreateFetchManager<T> =>
  (options) => {
    const stopped = new Error('the consumer has stopped');
    let isStopped = false;
    const fetch = (nodeId: number): Promise<unknown[]> => (isStopped ? Promise.reject(stopped) : options.fetch(nodeId));
    const manager = original({ ...options, fetch });
    return {
      ...manager,
      start: () =>
        manager.start().catch((error: unknown) => {
          if (error !== stopped) throw error;
        }),
      stop: () => {
        isStopped = true;
        return manager.stop();
      },
    };
  };
