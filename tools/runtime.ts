/**
 * How each process of a service runs here, in the benches and in the image (`npm run compose-check` compares them).
 *
 * A third less memory (bench `memory`): a small nursery; few arenas for the threads beside the main one; and large
 * buffers, of batches and of what Kafka sends, that go back to the system, where glibc would soon keep them all.
 */
export const runtime = {
  flags: ['--max-semi-space-size=8'],
  env: { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '131072' },
};
