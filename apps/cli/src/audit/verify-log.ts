import {
  type Checkpoint,
  decodeBundle,
  GrowingRoot,
  leafHash,
  parseTilePath,
  tilePath,
  tileWidth,
  type LogReader,
  verifyLog,
} from '@govbus/tlog';
import { CliError, messageOf } from '../cli-error';

/** What an earlier run found to be true of the log; `root` in base64, `at` ISO 8601 in UTC. */
export type Remembered = { size: number; root: string; at: string };
export type Verified = {
  checkpoint: Checkpoint;
  /** Entries by their action. */
  actions: Record<string, number>;
  /** The earlier state that the log was found to have grown from. */
  grewFrom?: Remembered;
};
/** Answers a resource of the log; undefined when the log has no such thing. */
export type Fetch = (path: string) => Promise<Buffer | undefined>;
type Task = { fetch: Fetch; vkey: string; remembered?: Remembered; onProgress?: (done: number, of: number) => void };

/** The log does not say what it said, or not what it should; the message says where. */
export class LogFault extends Error {}

/**
 * Recomputes the whole log, trusting `vkey` and what was `remembered` alone.
 *
 * Shape: each entry against its hash, each tile against the one below, the root against the signed checkpoint, and the
 *   root over the first `remembered.size` entries against the remembered one: the log may only have grown.
 * Errors: `LogFault` at the first difference. Source: C2SP tlog-tiles, RFC 6962.
 */
export async function verifyAuditLog({ fetch, vkey, remembered, onProgress }: Task): Promise<Verified> {
  const actions: Record<string, number> = {};
  const prefix = new GrowingRoot();
  let earlierRoot: Buffer | undefined;
  const onEntry = (entry: Buffer, index: number, leaf: Buffer): void => {
    const action = actionOf(entry, index);
    actions[action] = (actions[action] ?? 0) + 1;
    if (!remembered || index >= remembered.size) return;
    prefix.add(leaf);
    if (index + 1 === remembered.size) earlierRoot = prefix.root();
  };
  const read = pointing(fetch);
  const checkpoint = await located(() => verifyLog(read, vkey, { onEntry, ...(onProgress && { onProgress }) }));
  if (!remembered || remembered.size === 0) return { checkpoint, actions };
  requireGrowth(remembered, checkpoint.size, earlierRoot);
  return { checkpoint, actions, grewFrom: remembered };
}

function requireGrowth({ size, root, at }: Remembered, now: number, earlierRoot: Buffer | undefined): void {
  if (!earlierRoot)
    throw new LogFault(`the log has shrunk: it had ${size} entries when it was verified at ${at}, and has ${now} now`);
  if (earlierRoot.toString('base64') !== root)
    throw new LogFault(
      `the first ${size} entries are not those that were verified at ${at}: the log was rewritten and signed anew`,
    );
}

async function located<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof LogFault || error instanceof CliError) throw error;
    throw new LogFault(messageOf(error), { cause: error });
  }
}

/** Names the entry at fault, where the tiles alone would name the 256 around it: compares each as its bundle comes. */
function pointing(fetch: Fetch): LogReader {
  return async (path) => {
    const name = parseTilePath(path);
    const content = await fetch(path);
    if (name?.level === 'entries') {
      if (!content) throw await missingEntry(fetch, name.index, name.width);
      const tile = await required(fetch, tilePath(0, name.index, name.width));
      for (const [i, entry] of decodeBundle(content).entries())
        if (!leafHash(entry).equals(tile.subarray(i * 32, (i + 1) * 32)))
          throw new LogFault(
            `entry ${name.index * tileWidth + i} does not fit its hash in ${tilePath(0, name.index, name.width)}`,
          );
    }
    return content ?? (await required(fetch, path));
  };
}

async function required(fetch: Fetch, path: string): Promise<Buffer> {
  const content = await fetch(path);
  if (!content) throw new LogFault(`the log lacks ${path}, which its checkpoint commits to`);
  return content;
}

// A bundle is served when all its entries are there: the widest one that is ends before the first that is not.
async function missingEntry(fetch: Fetch, bundle: number, width: number): Promise<LogFault> {
  let [there, missing] = [0, width];
  while (missing - there > 1) {
    const middle = Math.floor((there + missing) / 2);
    if (await fetch(entriesAt(bundle, middle))) there = middle;
    else missing = middle;
  }
  return new LogFault(`entry ${bundle * tileWidth + there} is missing, which the checkpoint of the log commits to`);
}
const entriesAt = (bundle: number, width: number): string =>
  tilePath(0, bundle, width).replace('tile/0/', 'tile/entries/');

function actionOf(entry: Buffer, index: number): string {
  try {
    const content: unknown = JSON.parse(entry.toString());
    if (typeof content === 'object' && content !== null && 'action' in content) return String(content.action);
  } catch {
    // Told below.
  }
  throw new LogFault(`entry ${index} is no audit entry`);
}
