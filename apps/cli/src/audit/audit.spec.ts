import { generateKeyPairSync } from 'node:crypto';
import {
  encodeBundle,
  entriesPath,
  inclusionProof,
  leafHash,
  merkleRoot,
  signCheckpoint,
  tilePath,
  tileWidth,
  verifierKey,
} from '@govbus/tlog';
import { json, runCli, TestServer } from '../test-server.shared.spec';

const origin = 'govbus.local/audit';
const { privateKey } = generateKeyPairSync('ed25519');
const vkey = verifierKey(origin, privateKey);
const actions = ['publish', 'disclose', 'refuse'];
const idOf = (i: number): string => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`;
const entry = (i: number): Buffer => Buffer.from(JSON.stringify({ action: actions[i % 3], entryId: idOf(i), n: i }));
const entries = (count: number): Buffer[] => Array.from({ length: count }, (_, i) => entry(i));

/** The files of a log; a test changes some of them. */
function logOf(all: Buffer[], key = privateKey): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  let level = all.map(leafHash);
  const note = signCheckpoint({ origin, size: all.length, root: merkleRoot(level) }, key);
  files.set('checkpoint', Buffer.from(note));
  for (let at = 0; at < all.length; at += tileWidth)
    for (let width = 1; width <= Math.min(tileWidth, all.length - at); width += 1)
      files.set(entriesPath(at / tileWidth, width), encodeBundle(all.slice(at, at + width)));
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
}

let server: TestServer;
let files: Map<string, Buffer>;
beforeEach(async () => {
  server = await new TestServer().start();
  server.extra = { logKey: vkey };
  server.on('GET /', ({ url = '', headers }, response) => {
    const content = files.get(url.slice(1));
    const isOpen = !url.startsWith('/tile/entries/') || headers.authorization !== undefined;
    if (!isOpen) json(response, 401, {});
    else if (content) response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(content);
    else json(response, 404, { code: 'tile.unknown' });
  });
});
afterEach(() => server.stop());
const verify = (...more: string[]) => server.run('audit', 'verify', ...more);
const bundleWith = (all: Buffer[], at: number, other: Buffer): void => {
  const bundle = Math.floor(at / tileWidth);
  const part = all.slice(bundle * tileWidth, (bundle + 1) * tileWidth);
  part[at % tileWidth] = other;
  files.set(entriesPath(bundle, part.length), encodeBundle(part));
};

describe('audit verify', () => {
  it.each([0, 1, 255, 256, 257, 700])('holds for a log of %i entries', async (size) => {
    files = logOf(entries(size));
    const { code, out, err } = await verify('--json');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const root = merkleRoot(entries(size).map(leafHash)).toString('base64');
    const found = JSON.parse(out) as { actions: Record<string, number> };
    expect(found).toMatchObject({ size, root, signer: expect.stringMatching(/^govbus\.local\/audit\+[0-9a-f]{8}$/) });
    expect(Object.values(found.actions).reduce((sum, count) => sum + count, 0)).toBe(size);
  });

  it('says what it found, and the next run that the log has only grown', async () => {
    files = logOf(entries(10));
    expect((await verify()).out).toMatch(
      /size {4}10\n[^]*nothing was verified here before[^]* disclose +3\n {2}publish +4\n/,
    );
    files = logOf(entries(300));
    expect((await verify()).out).toContain('from the 10 entries verified at');
    expect(JSON.parse((await verify('--json')).out)).toMatchObject({ size: 300, grewFrom: { size: 300 } });
  });

  it('names the entry that was changed', async () => {
    files = logOf(entries(700));
    bundleWith(
      entries(700),
      437,
      Buffer.from(entry(437).toString().replace('refuse', 'publish').replace('437}', '438}')),
    );
    expect(await verify()).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('entry 437 does not fit its hash'),
    });
  });

  it('names the entry that was removed', async () => {
    files = logOf(entries(700));
    for (let width = 182; width <= tileWidth; width += 1) files.delete(entriesPath(1, width));
    expect(await verify()).toMatchObject({ code: 1, err: expect.stringContaining('entry 437 is missing') });
  });

  it('finds a change whose hash was changed with it', async () => {
    files = logOf(entries(700));
    const forged = entries(700).map((one, i) => (i === 437 ? Buffer.from('{"action":"publish"}') : one));
    for (const [path, content] of logOf(forged)) if (/^tile\/(0|entries)/.test(path)) files.set(path, content);
    expect((await verify()).err).toContain('tile/1/000.p/2 does not fit what is below it');
    for (const [path, content] of logOf(forged)) if (path !== 'checkpoint') files.set(path, content);
    expect((await verify()).err).toContain('do not give the root of the checkpoint');
  });

  it('finds a log that was rewritten, or cut, and signed anew', async () => {
    files = logOf(entries(50));
    expect((await verify()).code).toBe(0);
    files = logOf(entries(60).map((one, i) => (i === 7 ? Buffer.from('{"action":"publish"}') : one)));
    expect(await verify()).toMatchObject({
      code: 1,
      err: expect.stringContaining('the first 50 entries are not those'),
    });
    files = logOf(entries(40));
    expect(await verify()).toMatchObject({ code: 1, err: expect.stringContaining('it had 50 entries') });
    files = logOf(entries(60));
    expect((await verify()).out).toContain('from the 50 entries');
  });

  it('trusts the key it was given and no other', async () => {
    const other = generateKeyPairSync('ed25519').privateKey;
    files = logOf(entries(3), other);
    expect(await verify()).toMatchObject({ code: 1, err: expect.stringContaining('is not signed by this key') });
    expect((await verify('--key', verifierKey(origin, other))).code).toBe(0);
    expect(await verify('--key', 'nonsense')).toMatchObject({ code: 2 });
    expect(server.requests.filter((request) => request.includes('/v1/log'))).toEqual([]);
    server.extra = {};
    expect(await verify()).toMatchObject({ code: 1, err: expect.stringContaining('names no key of the audit log') });
  });

  it('finds an entry that is no entry, and does not take a failure for a finding', async () => {
    files = logOf([entry(0), Buffer.from('x')]);
    expect((await verify()).err).toContain('entry 1 is no audit entry');
    server.on('GET /checkpoint', (_, response) => json(response, 500, {}));
    expect((await verify()).err).toBe(
      'govbus: the log answers 500 for checkpoint; try again, and see `govbus status`\n',
    );
  });
});

describe('audit proof', () => {
  const all = entries(37);
  const hashes = all.map(leafHash);
  const hashAt = (level: number, index: number) =>
    Promise.resolve(merkleRoot(hashes.slice(index * 2 ** level, (index + 1) * 2 ** level)));
  const proofOf = async (index: number) => ({
    entryId: idOf(index),
    index,
    leafHash: leafHash(entry(index)).toString('base64'),
    entry: entry(index).toString(),
    treeSize: 37,
    hashes: (await inclusionProof(index, 37, hashAt)).map((hash) => hash.toString('base64')),
    checkpoint: signCheckpoint({ origin, size: 37, root: merkleRoot(hashes) }, privateKey),
  });
  const prove = async (change: object = {}, ...more: string[]) => {
    const proof = { ...(await proofOf(20)), ...change };
    server.on(`GET /v1/entries/${idOf(20)}/proof`, (_, response) => json(response, 200, proof));
    return server.run('audit', 'proof', idOf(20), ...more);
  };

  it('is verified here and printed', async () => {
    const { code, out } = await prove();
    expect(code).toBe(0);
    expect(out).toContain('number 20 of 37');
    for (const hash of (await proofOf(20)).hashes) expect(out).toContain(hash);
  });

  it.each([
    ['another entry', () => ({ entry: entry(21).toString() }), 'not about entry'],
    ['another leaf', () => ({ leafHash: leafHash(entry(21)).toString('base64') }), 'does not fit its hash'],
    ['a changed entry', () => changed, 'is not in the tree'],
    ['another place', () => ({ index: 21 }), 'entry 21 is not in the tree'],
    ['another size', () => ({ treeSize: 38 }), 'the proof is for 38 entries'],
    [
      'a path spelled in another way',
      async () => ({ hashes: (await proofOf(20)).hashes.map(respelled) }),
      'not base64',
    ],
    ['a path cut short', async () => ({ hashes: (await proofOf(20)).hashes.slice(1) }), 'is not in the tree'],
    ['another signer', () => ({ checkpoint: otherNote }), 'not signed by this key'],
  ])('does not hold with %s', async (_, change, expected) => {
    expect(await prove(await change())).toMatchObject({ code: 1, out: '', err: expect.stringContaining(expected) });
  });
  const text = entry(20).toString().replace('"n":20', '"n":21');
  const changed = { entry: text, leafHash: leafHash(Buffer.from(text)).toString('base64') };
  // The last of 43 digits has two bits that are no part of the hash.
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const respelled = (hash: string): string =>
    `${hash.slice(0, 42)}${digits[digits.indexOf(hash[42] ?? '') + 1]}${hash.slice(43)}`;
  const withOtherSignature = (note: string): string => {
    const [, head = '', signature = ''] = /^(.*— \S+ )(\S+)\n$/s.exec(note) ?? [];
    const bytes = Buffer.from(signature, 'base64').map((byte, i) => (i === 20 ? byte ^ 1 : byte));
    return `${head}${Buffer.from(bytes).toString('base64')}\n`;
  };
  const otherNote = signCheckpoint(
    { origin, size: 37, root: merkleRoot(hashes) },
    generateKeyPairSync('ed25519').privateKey,
  );

  describe('saved in a file', () => {
    const held = async (proof: object | string, ...more: string[]) => {
      const file = server.write('proof.json', proof);
      return runCli(['audit', 'proof', '--file', file, '--key', vkey, ...more], {}, server.dir);
    };
    const fileOf = async (): Promise<string> => {
      const { out } = await prove({}, '--json');
      return out;
    };

    it('is verified with the key alone: no connection file, no network', async () => {
      const proof = await fileOf();
      server.requests.length = 0;
      const { code, out, err } = await held(proof);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toContain('number 20 of 37');
      expect(await held(proof, '--json')).toMatchObject({ code: 0, out: proof });
      expect((await held(proof, idOf(20))).code).toBe(0);
      expect(server.requests).toEqual([]);
    });

    it.each<[string, (proof: Record<string, string>) => object, string]>([
      [
        'another text',
        ({ entry: text = '' }) => ({ entry: text.replace('"n":20', '"n":21') }),
        'does not fit its hash',
      ],
      ['a changed entry and its hash', () => changed, 'is not in the tree'],
      ['a changed hash', () => ({ leafHash: leafHash(entry(21)).toString('base64') }), 'does not fit its hash'],
      ['a changed path', () => ({ hashes: [leafHash(entry(3)).toString('base64')] }), 'is not in the tree'],
      ['a changed signature', ({ checkpoint = '' }) => ({ checkpoint: withOtherSignature(checkpoint) }), 'is wrong'],
      ['a changed checkpoint', ({ checkpoint = '' }) => ({ checkpoint: checkpoint.replace('37', '38') }), 'is wrong'],
      ['another signer', () => ({ checkpoint: otherNote }), 'not signed by this key'],
    ])('does not hold with %s', async (_, change, expected) => {
      const proof = JSON.parse(await fileOf()) as Record<string, string>;
      const { code, out, err } = await held({ ...proof, ...change(proof) });
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toMatch(/^govbus: the proof in .*proof\.json does not hold: .*; it proves nothing: ask .*\n$/);
      expect(err).toContain(expected);
    });

    it('must be about the entry that is named, by the key that is given, and a proof', async () => {
      const proof = await fileOf();
      expect(await held(proof, idOf(21))).toMatchObject({ code: 1, err: expect.stringContaining('not about entry') });
      for (const other of ['[]', '{}', { ...(JSON.parse(proof) as object), hashes: [1] }])
        expect(await held(other)).toMatchObject({ code: 1, err: expect.stringContaining('holds no proof') });
      expect(await held('x')).toMatchObject({ code: 1, err: expect.stringContaining('is not JSON') });
      const file = server.write('proof.json', proof);
      expect((await server.run('audit', 'proof', '--file', file)).err).toContain('--file needs --key');
      expect((await server.run('audit', 'proof')).err).toContain('no entry is named');
      expect((await server.run('audit', 'proof', '--file', file, '--key', 'x')).code).toBe(2);
    });
  });

  it('of an unknown entry says so', async () => {
    const unknown = { code: 'entry.unknown', detail: 'there is no entry' };
    server.on('GET /v1/entries/', (_, response) => json(response, 404, unknown));
    expect(await server.run('audit', 'proof', idOf(1))).toMatchObject({
      code: 1,
      err: 'govbus: there is no proof: there is no entry (entry.unknown); check the id\n',
    });
    expect((await server.run('audit', 'proof', 'x')).code).toBe(2);
  });
});

describe('audit search', () => {
  const found = (i: number) => ({
    ...{ index: i, entryId: idOf(i), time: '2026-11-01T00:00:00Z', operation: 'events:publish', outcome: 'done' },
    actor: { id: i === 0 ? 'evil\u001b[2J' : 'reports-system', kind: 'system' },
  });
  const asked: Record<string, unknown>[] = [];
  beforeEach(() => {
    asked.length = 0;
    server.on('POST /v1/entries/search', (_, response, body) => {
      const order = JSON.parse(body) as { limit: number; cursor?: string };
      asked.push(order);
      const from = Number(order.cursor ?? 0);
      const items = Array.from({ length: Math.min(order.limit, 1_200 - from) }, (_one, i) => found(from + i));
      const next = from + items.length;
      json(response, 200, { items, ...(next < 1_200 && { nextCursor: String(next) }) });
    });
  });

  it('asks as it is told, and goes through the pages', async () => {
    const about = ['--actor', 'a', '--dataset', 'd', '--subject', 's', '--trace', 't', '--case', 'WA-2026-17'];
    const ids = ['--subscription', idOf(1), '--disclosure', idOf(10).replace('8000', 'A000')];
    const filter = [...about, ...ids, '--action', 'publish', '--from', '2026-11-01'];
    const { code, out, err } = await server.run('audit', 'search', ...filter, '--limit', '1100', '--json');
    expect(code).toBe(0);
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { index: number }).index),
    ).toEqual([...Array(1_100).keys()]);
    expect(asked).toMatchObject([{ limit: 500 }, { limit: 500, cursor: '500' }, { limit: 100, cursor: '1000' }]);
    expect(asked[0]).toEqual({
      actor: 'a',
      datasetId: 'd',
      subscriptionId: idOf(1),
      entity: `disclosure:${idOf(10).replace('8000', 'a000')}`,
      caseReference: 'WA-2026-17',
      subject: 's',
      traceId: 't',
      action: 'publish',
      from: '2026-11-01',
      limit: 500,
    });
    expect(err).toContain('there are more than 1100');
  });

  it('shows a table in which nothing can move the cursor', async () => {
    const { out } = await server.run('audit', 'search', '--limit', '2');
    expect(out.split('\n')[0]).toMatch(/^INDEX +TIME +ACTOR/);
    expect(out).toContain('evil?[2J');
  });

  it.each([
    ['--to', 'noon'],
    ['--disclosure', 'x'],
    ['--subscription', 'x'],
  ])('refuses `%s %s`', async (...wrong) => expect((await server.run('audit', 'search', ...wrong)).code).toBe(2));
});
