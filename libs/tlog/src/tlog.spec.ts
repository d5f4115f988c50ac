import { generateKeyPairSync } from 'node:crypto';
import { signCheckpoint, verifierKey, verifyCheckpoint } from './checkpoint';
import { consistencyProof, inclusionProof, verifyConsistency, verifyInclusion } from './proofs';
import { decodeBundle, encodeBundle, entriesPath, parseTilePath, tilePath, tileWidth } from './tiles';
import { GrowingRoot, leafHash, merkleRoot, nodeHash, rootOfRange } from './tree';
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

  const largest = 70;
  const all = leaves(largest);
  const rootOf = (size: number): Buffer => merkleRoot(all.slice(0, size));
  const other = leafHash(Buffer.from('other'));
  const cut = (hash: Buffer | undefined): Buffer => (hash ?? other).subarray(1);

  it(`proves every leaf of every tree up to ${largest}, and no other`, async () => {
    for (let size = 1; size <= largest; size++) {
      const root = rootOf(size);
      for (let index = 0; index < size; index++) {
        const leaf = all[index] ?? other;
        const proof = await inclusionProof(index, size, hashAtOf(all));
        const holds = (over: { leaf?: Buffer; index?: number; proof?: Buffer[]; root?: Buffer }): boolean =>
          verifyInclusion(over.leaf ?? leaf, over.index ?? index, size, over.proof ?? proof, over.root ?? root);
        const answers = [
          holds({}),
          holds({ index: (index + 1) % (size + 1) }),
          holds({ leaf: other }),
          holds({ root: other }),
          holds({ proof: [...proof, other] }),
          holds({ proof: [other, ...proof] }),
          proof.length > 0 && holds({ proof: proof.slice(0, -1) }),
          proof.length > 0 && holds({ proof: proof.slice(1) }),
          proof.length > 0 && holds({ proof: [cut(proof[0]), ...proof.slice(1)] }),
        ];
        expect(answers).toEqual([true, false, false, false, false, false, false, false, false]);
      }
    }
  });

  it(`proves that every tree up to ${largest} begins every larger one, and no other`, async () => {
    for (let size = 1; size <= largest; size++)
      for (let from = 1; from <= size; from++) {
        const [older, newer] = [
          { size: from, root: rootOf(from) },
          { size, root: rootOf(size) },
        ];
        const proof = await consistencyProof(from, size, hashAtOf(all));
        const holds = (over: { older?: typeof older; newer?: typeof newer; proof?: Buffer[] }): boolean =>
          verifyConsistency(over.older ?? older, over.newer ?? newer, over.proof ?? proof);
        const answers = [
          holds({}),
          holds({ older: { size: from, root: other } }),
          holds({ newer: { size, root: other } }),
          holds({ proof: [...proof, other] }),
          holds({ proof: [other, ...proof] }),
          proof.length > 0 && holds({ proof: proof.slice(0, -1) }),
          proof.length > 0 && holds({ proof: proof.slice(1) }),
          from < size && verifyConsistency(newer, older, proof),
        ];
        expect(answers).toEqual([true, false, false, false, false, false, false, false]);
      }
  });

  it('knows the root of every beginning while its leaves pass', () => {
    const growing = new GrowingRoot();
    expect(growing.root()).toEqual(merkleRoot([]));
    for (let size = 1; size <= largest; size++) {
      growing.add(all[size - 1] ?? other);
      expect(growing.root()).toEqual(rootOf(size));
    }
  });

  it('refuses what is out of range', async () => {
    const root = rootOf(8);
    const proof = await inclusionProof(3, 8, hashAtOf(all));
    for (const [index, size] of [
      [-1, 8],
      [8, 8],
      [0, 0],
      [3.5, 8],
      [3, Number.NaN],
      [3, Number.MAX_SAFE_INTEGER + 1],
    ] as const)
      expect(verifyInclusion(all[3] ?? other, index, size, proof, root)).toBe(false);
    for (const size of [0, -1, 1.5, Number.NaN])
      expect(verifyConsistency({ size, root }, { size: 8, root }, proof)).toBe(false);
    await expect(inclusionProof(8, 8, hashAtOf(all))).rejects.toThrow(RangeError);
    await expect(consistencyProof(0, 8, hashAtOf(all))).rejects.toThrow(RangeError);
    await expect(consistencyProof(9, 8, hashAtOf(all))).rejects.toThrow(RangeError);
  });

  it('takes hashes of 32 bytes only, however they are cut', () => {
    const [left, right] = [all[0] ?? other, all[1] ?? other];
    const both = Buffer.concat([left, right]);
    const root = merkleRoot([left, right]);
    expect(verifyInclusion(both.subarray(0, 32), 0, 2, [both.subarray(32)], root)).toBe(true);
    expect(verifyInclusion(both.subarray(0, 31), 0, 2, [both.subarray(31)], root)).toBe(false);
  });

  it('proves large trees too, whose sizes lie next to a power of two', async () => {
    // All leaves are alike, so that a complete subtree of each level has one hash.
    const byLevel = [other];
    const hashAt = (level: number): Promise<Buffer> => {
      for (let hash = byLevel.at(-1) ?? other; byLevel.length <= level; byLevel.push(hash)) hash = nodeHash(hash, hash);
      return Promise.resolve(byLevel[level] ?? other);
    };
    for (const size of [2 ** 49 - 1, 2 ** 49, 2 ** 49 + 1]) {
      const newer = 2 ** 50 + 3;
      const at = async (leavesOf: number) => ({ size: leavesOf, root: await rootOfRange(0, leavesOf, hashAt) });
      const proof = await consistencyProof(size, newer, hashAt);
      expect(verifyConsistency(await at(size), await at(newer), proof)).toBe(true);
      const path = await inclusionProof(size - 1, newer, hashAt);
      expect(verifyInclusion(other, size - 1, newer, path, (await at(newer)).root)).toBe(true);
    }
  });
});

describe('tiles', () => {
  it.each([
    [tilePath(0, 0), 'tile/0/000'],
    [tilePath(1, 1234067), 'tile/1/x001/x234/067'],
    [entriesPath(67, 3), 'tile/entries/067.p/3'],
  ])('%s', (path, expected) => expect(path).toBe(expected));

  // Source: C2SP tlog-tiles, the example of 70,000 entries.
  it('has the known tiles of 70,000 entries', () => {
    const paths: string[] = [];
    for (let level = 0, hashes = 70_000; hashes > 0; level++, hashes = Math.floor(hashes / tileWidth)) {
      for (let tile = 0; tile < Math.floor(hashes / tileWidth); tile++) paths.push(tilePath(level, tile));
      const width = hashes % tileWidth;
      if (width > 0) paths.push(tilePath(level, Math.floor(hashes / tileWidth), width));
    }
    const full = (level: number, last: number): string[] =>
      Array.from({ length: last + 1 }, (_, i) => `tile/${level}/${String(i).padStart(3, '0')}`);
    expect(paths).toEqual([...full(0, 272), 'tile/0/273.p/112', ...full(1, 0), 'tile/1/001.p/17', 'tile/2/000.p/1']);
  });

  it.each([0, 1, 255, 999, 1000, 1001, 999_999, 1_000_000, 1_234_067, 2 ** 45])(
    'reads its own path of tile %i',
    (index) => {
      for (const level of [0, 9, 59, 63]) {
        expect(parseTilePath(tilePath(level, index))).toEqual({ level, index, width: tileWidth });
        expect(parseTilePath(tilePath(level, index, 7))).toEqual({ level, index, width: 7 });
      }
      expect(parseTilePath(entriesPath(index, 255))).toEqual({ level: 'entries', index, width: 255 });
    },
  );

  it('reads no other paths', () => {
    for (const path of [
      'tile/0/1',
      'tile/0/x000/001',
      'tile/0/000.p/256',
      'tile/0/000.p/0',
      'tile/64/000',
      'tile/00/000',
      'tile/0/x999/x999/x999/x999/x999/x999/999',
      'tile/0/000/',
      'tile/0/001/000',
      'tile/0/000.p/01',
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
    expect(() => verifyCheckpoint(note.replace('\n1\n', '\n2\n'), vkey)).toThrow('is wrong');
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

  it.each([0, 1, 255, 256, 257, 600, 70_000])('verifies a log of %i entries', async (size) => {
    const files = logOf(Array.from({ length: size }, (_, i) => Buffer.from(`entry ${i}`)));
    const seen: number[] = [];
    const found = await verifyLog((path) => Promise.resolve(files.get(path) ?? Buffer.alloc(0)), vkey, {
      onEntry: (_, index) => seen.push(index),
    });
    expect(found.size).toBe(size);
    expect(seen).toHaveLength(size);
  });

  // So its memory does not grow with the log.
  it('compares each tile as soon as all below it has passed', async () => {
    const files = logOf(Array.from({ length: 600 }, (_, i) => Buffer.from(`entry ${i}`)));
    const paths: string[] = [];
    const read = (path: string) => {
      paths.push(path);
      return Promise.resolve(files.get(path) ?? Buffer.alloc(0));
    };
    await verifyLog(read, vkey);
    expect(paths).toEqual([
      'checkpoint',
      ...[0, 1].flatMap((bundle) => [entriesPath(bundle), tilePath(0, bundle)]),
      ...[entriesPath(2, 88), tilePath(0, 2, 88), tilePath(1, 0, 2)],
    ]);
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
