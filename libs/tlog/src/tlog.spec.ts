import { generateKeyPairSync } from 'node:crypto';
import { signCheckpoint, verifierKey, verifyCheckpoint } from './checkpoint';
import { consistencyProof, inclusionProof, verifyConsistency, verifyInclusion } from './proofs';
import { decodeBundle, encodeBundle, entriesPath, parseTilePath, tilePath, tileWidth } from './tiles';
import { leafHash, merkleRoot } from './tree';
import { verifyLog } from './verify';

// Source: the test vectors of RFC 6962's reference implementation (certificate-transparency).
const vectors = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const roots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const leaves = (count: number): Buffer[] =>
  Array.from({ length: count }, (_, i) => leafHash(Buffer.from(`entry ${i}`)));
const hashAtOf = (all: Buffer[]) => (level: number, index: number) =>
  Promise.resolve(merkleRoot(all.slice(index * 2 ** level, (index + 1) * 2 ** level)));

describe('the tree', () => {
  it.each(roots.map((root, i) => [i + 1, root] as const))('has the known root over %i entries', (size, root) => {
    const known = vectors.slice(0, size).map((hex) => leafHash(Buffer.from(hex, 'hex')));
    expect(merkleRoot(known).toString('hex')).toBe(root);
  });

  it('proves every leaf of every small tree, and no other', async () => {
    for (let size = 1; size <= 33; size++) {
      const all = leaves(size);
      const root = merkleRoot(all);
      for (const [index, leaf] of all.entries()) {
        const proof = await inclusionProof(index, size, hashAtOf(all));
        expect(verifyInclusion(leaf, index, size, proof, root)).toBe(true);
        expect(verifyInclusion(leaf, (index + 1) % (size + 1), size, proof, root)).toBe(false);
        expect(verifyInclusion(leafHash(Buffer.from('other')), index, size, proof, root)).toBe(false);
      }
    }
  });

  it('proves that an older tree is the beginning of a newer one, and of no other', async () => {
    const all = leaves(40);
    for (let older = 1; older <= 40; older++)
      for (let newer = older; newer <= 40; newer++) {
        const at = (size: number) => ({ size, root: merkleRoot(all.slice(0, size)) });
        const proof = await consistencyProof(older, newer, hashAtOf(all));
        expect(verifyConsistency(at(older), at(newer), proof)).toBe(true);
        const forged = { size: older, root: leafHash(Buffer.from('other')) };
        expect(verifyConsistency(forged, at(newer), proof)).toBe(false);
      }
  });
});

describe('tiles', () => {
  it.each([
    [tilePath(0, 0), 'tile/0/000'],
    [tilePath(1, 1234067), 'tile/1/x001/x234/067'],
    [entriesPath(67, 3), 'tile/entries/067.p/3'],
  ])('%s', (path, expected) => expect(path).toBe(expected));

  it('reads its own paths and no others', () => {
    expect(parseTilePath('tile/1/x001/x234/067.p/8')).toEqual({ level: 1, index: 1234067, width: 8 });
    for (const path of [
      'tile/0/1',
      'tile/0/x000/001',
      'tile/0/000.p/256',
      'tile/0/000.p/0',
      'tile/99/000',
      '../tile/0/000',
    ])
      expect(parseTilePath(path)).toBeUndefined();
  });

  it('keeps entries through a bundle', () => {
    const entries = ['a', '', 'ccc'].map((text) => Buffer.from(text));
    expect(decodeBundle(encodeBundle(entries))).toEqual(entries);
    expect(() => decodeBundle(encodeBundle(entries).subarray(0, -1))).toThrow('cut off');
  });
});

describe('checkpoints and the whole log', () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const vkey = verifierKey('log.example', privateKey);

  it('is signed, and a changed one is not', () => {
    const note = signCheckpoint({ origin: 'log.example', size: 1, root: leafHash(Buffer.from('a')) }, privateKey);
    expect(verifyCheckpoint(note, vkey)).toMatchObject({ size: 1 });
    expect(() => verifyCheckpoint(note.replace('\n1\n', '\n2\n'), vkey)).toThrow('not signed');
    const other = verifierKey('log.example', generateKeyPairSync('ed25519').privateKey);
    expect(() => verifyCheckpoint(note, other)).toThrow('not signed');
  });

  const logOf = (entries: Buffer[]) => {
    const files = new Map<string, Buffer>();
    let level = entries.map(leafHash);
    const note = signCheckpoint({ origin: 'log.example', size: entries.length, root: merkleRoot(level) }, privateKey);
    files.set('checkpoint', Buffer.from(note));
    for (let at = 0; at < entries.length; at += tileWidth) {
      const part = entries.slice(at, at + tileWidth);
      files.set(entriesPath(at / tileWidth, part.length), encodeBundle(part));
    }
    for (let depth = 0; level.length > 0; depth++) {
      const above: Buffer[] = [];
      for (let at = 0; at < level.length; at += tileWidth) {
        const part = level.slice(at, at + tileWidth);
        files.set(tilePath(depth, at / tileWidth, part.length), Buffer.concat(part));
        if (part.length === tileWidth) above.push(merkleRoot(part));
      }
      level = above;
    }
    return files;
  };

  it.each([0, 1, 255, 256, 257, 600])('verifies a log of %i entries', async (size) => {
    const files = logOf(Array.from({ length: size }, (_, i) => Buffer.from(`entry ${i}`)));
    const seen: number[] = [];
    const found = await verifyLog((path) => Promise.resolve(files.get(path) ?? Buffer.alloc(0)), vkey, {
      onEntry: (_, index) => seen.push(index),
    });
    expect(found.size).toBe(size);
    expect(seen).toHaveLength(size);
  });

  it('finds one changed entry, wherever it is', async () => {
    const files = logOf(Array.from({ length: 300 }, (_, i) => Buffer.from(`entry ${i}`)));
    for (const path of [entriesPath(0), entriesPath(1, 44), tilePath(0, 0), tilePath(1, 0, 1)]) {
      const changed = Buffer.from(files.get(path) ?? '');
      changed[5] = (changed[5] ?? 0) ^ 1;
      const read = (asked: string) => Promise.resolve(asked === path ? changed : (files.get(asked) ?? Buffer.alloc(0)));
      await expect(verifyLog(read, vkey)).rejects.toThrow();
    }
  });
});
