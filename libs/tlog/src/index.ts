export {
  formatCheckpoint,
  parseVerifierKey,
  signCheckpoint,
  type Checkpoint,
  verifierKey,
  verifyCheckpoint,
  verifyNote,
} from './checkpoint';
export { consistencyProof, inclusionProof, verifyConsistency, verifyInclusion } from './proofs';
export { decodeBundle, encodeBundle, entriesPath, parseTilePath, type TileName, tilePath, tileWidth } from './tiles';
export { GrowingRoot, type HashAt, leafHash, merkleRoot, nodeHash, rootOfRange } from './tree';
export { type LogReader, verifyLog } from './verify';
