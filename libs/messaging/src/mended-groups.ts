// Faults of the groups of kafkajs 2.2.4, mended around its own functions (decision 10).

type Places = Map<string, string>;
type Group = {
  generationId: number | null;
  seekOffset: Places;
  seekOffsets: (partitions: object[]) => Promise<void>;
  joinAndSync: () => Promise<void>;
};
type Runner = {
  running: boolean;
  /** Whether a commit has failed since the last was begun. */
  owesCommit?: boolean;
  handleBatch: (batch: { isEmpty: () => boolean }) => Promise<void>;
  autoCommitOffsets: () => Promise<void> | undefined;
};

/**
 * A place to go to is kept until it was gone to, and an assignment that did not arrive is asked for anew.
 *
 * Shape: kafkajs forgets a seek whose commit fails, and reads on where the group's hint stands: what lies between is never
 * read. When the answer with its partitions does not arrive, it goes on with the former ones in the new generation, whose
 * heartbeats are taken: nobody reads those that it was given.
 */
export function mendGroup(group: Pick<Group, 'seekOffsets' | 'joinAndSync'>): void {
  const { seekOffsets, joinAndSync } = group;
  group.seekOffsets = async function (this: Group, partitions) {
    const wanted = new Map(this.seekOffset);
    try {
      await seekOffsets.call(this, partitions);
    } catch (error) {
      // By their own keys; a newer place of the same partition stays.
      for (const [key, offset] of wanted)
        if (!Map.prototype.has.call(this.seekOffset, key)) Map.prototype.set.call(this.seekOffset, key, offset);
      throw error;
    }
  };
  group.joinAndSync = async function (this: Group) {
    try {
      await joinAndSync.call(this);
    } catch (error) {
      // The next heartbeat is refused, and it joins again.
      this.generationId = -1;
      throw error;
    }
  };
}

/**
 * What is handled and could not be committed is committed with the next look that finds nothing.
 *
 * Shape: kafkajs commits behind a batch with messages alone; after a failure the committed offset would stay behind until
 * the next message, which in a registry may be days away, and so long nobody would be sure that all of it is handled.
 */
export function mendRunner(runner: Pick<Runner, 'handleBatch' | 'autoCommitOffsets'>): void {
  const { handleBatch, autoCommitOffsets } = runner;
  runner.autoCommitOffsets = async function (this: Runner) {
    // Before and not behind it: one that was begun earlier and failed meanwhile is not made good by this one.
    this.owesCommit = false;
    try {
      await autoCommitOffsets.call(this);
    } catch (error) {
      this.owesCommit = true;
      throw error;
    }
  };
  runner.handleBatch = async function (this: Runner, batch) {
    await handleBatch.call(this, batch);
    if (this.owesCommit && batch.isEmpty() && this.running) await this.autoCommitOffsets();
  };
}
