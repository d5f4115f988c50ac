import { type Checkpoint, leafHash, verifyCheckpoint, verifyInclusion } from '@govbus/tlog';
import { messageOf } from '../cli-error';
import { LogFault } from './verify-log';

/** What the audit service answers; hashes in base64, `entry` the exact bytes of the entry as text. */
export type InclusionProof = {
  entryId: string;
  index: number;
  leafHash: string;
  entry: string;
  treeSize: number;
  hashes: string[];
  checkpoint: string;
};

/**
 * Whether the entry is in the log, from the proof and the key alone.
 *
 * Errors: `LogFault` saying which part does not hold. Source: RFC 9162, section 2.1.3.2.
 */
export function verifyEntryProof(entryId: string, proof: InclusionProof, vkey: string): Checkpoint {
  const checkpoint = checkpointOf(proof, vkey);
  if (checkpoint.size !== proof.treeSize)
    throw new LogFault(`the proof is for ${proof.treeSize} entries, its checkpoint for ${checkpoint.size}`);
  if (idIn(proof.entry) !== entryId.toLowerCase()) throw new LogFault(`the proof is not about entry \`${entryId}\``);
  const leaf = leafHash(Buffer.from(proof.entry));
  if (leaf.toString('base64') !== proof.leafHash) throw new LogFault('the entry does not fit its hash');
  const path = proof.hashes.map((hash) => Buffer.from(hash, 'base64'));
  // Buffer takes almost anything for base64; a hash has one spelling only.
  if (path.some((hash, i) => hash.toString('base64') !== proof.hashes[i]))
    throw new LogFault('a hash of the path is not base64');
  if (!verifyInclusion(leaf, proof.index, proof.treeSize, path, checkpoint.root))
    throw new LogFault(`entry ${proof.index} is not in the tree that the checkpoint commits to`);
  return checkpoint;
}

function checkpointOf({ checkpoint }: InclusionProof, vkey: string): Checkpoint {
  try {
    return verifyCheckpoint(checkpoint, vkey);
  } catch (error) {
    throw new LogFault(messageOf(error), { cause: error });
  }
}

function idIn(entry: string): string | undefined {
  try {
    const content: unknown = JSON.parse(entry);
    const isEntry = typeof content === 'object' && content !== null && 'entryId' in content;
    return isEntry ? String(content.entryId).toLowerCase() : undefined;
  } catch {
    return undefined;
  }
}
