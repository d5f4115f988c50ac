import { readFileSync } from 'node:fs';
import { CliError, codeOf } from '../cli-error';
import type { InclusionProof } from './verify-proof';

/** A proof as `audit proof --json` printed it. Errors: `CliError` when the file cannot be read or holds no proof. */
export function readProofFile(path: string): InclusionProof {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const why = codeOf(error) === 'ENOENT' ? 'does not exist' : codeOf(error) ? 'cannot be read' : 'is not JSON';
    throw new CliError(`the proof ${path} ${why}`, howToSave);
  }
  if (!isProof(content)) throw new CliError(`${path} holds no proof`, howToSave);
  return content;
}

const howToSave = 'save one with `govbus audit proof <entry> --json`';

const isProof = (value: unknown): value is InclusionProof => {
  if (typeof value !== 'object' || value === null) return false;
  const { hashes, ...proof }: Record<string, unknown> = { ...value };
  const isText = (one: unknown): boolean => typeof one === 'string';
  const texts = [proof.entryId, proof.leafHash, proof.entry, proof.checkpoint];
  const numbers = [proof.index, proof.treeSize];
  return texts.every(isText) && numbers.every(Number.isSafeInteger) && Array.isArray(hashes) && hashes.every(isText);
};
