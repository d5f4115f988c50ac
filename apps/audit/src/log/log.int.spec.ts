import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { SteppedBack } from '@govbus/messaging';
import { eventually } from '@govbus/testing';
import { leafHash, verifyCheckpoint, verifyInclusion, verifyLog } from '@govbus/tlog';
import { entry, messageOf, TestAudit } from '../test-audit.shared.spec';
import { maxEntryBytes } from './log-entry.rules';
import { LogWriter } from './log-writer';

let audit: TestAudit;
beforeAll(async () => (audit = await TestAudit.start()), 60_000);
afterAll(() => audit.stop());

const verified = () => verifyLog(audit.read, audit.verifierKey);
const unreadable = async () => {
  const { items } = (await audit.call('GET', '/v1/unreadable-entries?limit=500')).json<{
    items: { reason: string }[];
  }>();
  return items.map(({ reason }) => reason);
};

// First, while nothing is in it.
describe('the empty log', () => {
  it('has a signed checkpoint, and serves nothing else', async () => {
    expect(verifyCheckpoint((await audit.read('checkpoint')).toString(), audit.verifierKey)).toMatchObject({ size: 0 });
    await expect(verified()).resolves.toMatchObject({ size: 0 });
    for (const path of ['/tile/0/000', '/tile/0/000.p/1', '/tile/entries/000.p/1', '/tile/1/000'])
      expect((await audit.call('GET', path)).json()).toMatchObject({ status: 404, code: 'tile.unknown' });
    expect((await audit.call('GET', '/v1/entries')).json()).toEqual({ items: [] });
    expect((await audit.call('GET', '/v1/unreadable-entries')).json()).toEqual({ items: [] });
    for (const path of ['', '/proof'])
      expect((await audit.call('GET', `/v1/entries/${randomUUID()}${path}`)).json()).toMatchObject({
        status: 404,
        code: 'entry.unknown',
      });
  });
});

describe('the log', () => {
  it('is recomputed from what it serves, over several tiles', async () => {
    await audit.append(...Array.from({ length: 700 }, () => entry()));
    await audit.append(entry());
    const { size } = await verified();
    const rows = await audit.db.query<{ count: number }[]>('SELECT count(*)::int AS count FROM entries');
    expect(size).toBe(rows[0]?.count);
    expect(size).toBe(701);
  });

  it('takes an entry once, though its message comes twice', async () => {
    const one = entry();
    const before = await audit.size();
    await audit.append(one, one);
    await audit.append(one);
    expect(await audit.size()).toBe(before + 1);
    await verified();
  });

  it('keeps the entries of one batch in their order', async () => {
    const [first, batch] = [await audit.size(), Array.from({ length: 300 }, () => entry())];
    await audit.append(...batch);
    const rows = await audit.db.query<{ entry_id: string }[]>(
      'SELECT entry_id FROM entries WHERE index >= $1 ORDER BY index',
      [first],
    );
    expect(rows.map((row) => row.entry_id)).toEqual(batch.map(({ entryId }) => entryId));
  });

  it('proves one entry against the signed checkpoint', async () => {
    const one = entry();
    await audit.append(one);
    const proof = (await audit.call('GET', `/v1/entries/${one.entryId}/proof`)).json<{
      index: number;
      leafHash: string;
      entry: string;
      treeSize: number;
      hashes: string[];
      checkpoint: string;
    }>();
    const { size, root } = verifyCheckpoint(proof.checkpoint, audit.verifierKey);
    const path = proof.hashes.map((hash) => Buffer.from(hash, 'base64'));
    const leaf = leafHash(Buffer.from(proof.entry));
    expect(leaf.toString('base64')).toBe(proof.leafHash);
    expect(size).toBe(proof.treeSize);
    expect(verifyInclusion(leaf, proof.index, size, path, root)).toBe(true);
    expect(verifyInclusion(leafHash(Buffer.from('{}')), proof.index, size, path, root)).toBe(false);
    expect(JSON.parse(proof.entry)).toEqual(one);
  });

  it('never shows a checkpoint smaller than one before, and none that does not fit, while entries arrive', async () => {
    const writing = Promise.all(
      Array.from({ length: 20 }, () => audit.append(...Array.from({ length: 20 }, () => entry()))),
    );
    let isWriting = true;
    void writing.then(() => (isWriting = false));
    const sizes: number[] = [];
    while (isWriting) {
      const { size } = verifyCheckpoint((await audit.read('checkpoint')).toString(), audit.verifierKey);
      sizes.push(size);
    }
    await writing;
    sizes.push((await verified()).size);
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
    expect(sizes.length).toBeGreaterThan(1);
  });
});

it('counts from the beginning again when Kafka began anew, and takes no entry twice', async () => {
  const [old, fresh] = [messageOf(entry()), messageOf(entry())];
  const at = (offset: bigint, text: string) => ({ offset, key: null, value: Buffer.from(text), timestamp: 0 });
  const writer = audit.app.get(LogWriter);
  const before = await audit.size();
  await writer.write('audit.entries', 7, [at(1000n, old)]);
  expect(await writer.nextOffset('audit.entries', 7)).toBe(1001n);
  await writer.startAnew('audit.entries', 7);
  expect(await writer.nextOffset('audit.entries', 7)).toBeUndefined();
  await writer.write('audit.entries', 7, [at(0n, old), at(1n, fresh)]);
  expect(await writer.nextOffset('audit.entries', 7)).toBe(2n);
  expect(await audit.size()).toBe(before + 2);
});

it('writes nothing behind entries that its database has lost since', async () => {
  const writer = audit.app.get(LogWriter);
  const at = (offset: bigint) => ({ offset, key: null, value: Buffer.from(messageOf(entry())), timestamp: 0 });
  await writer.write('audit.entries', 8, [at(0n), at(1n)]);
  const before = await audit.size();
  await writer.write('audit.entries', 8, [at(2n)], 2n);
  await expect(writer.write('audit.entries', 8, [at(5n)], 5n)).rejects.toThrow(SteppedBack);
  await expect(writer.write('audit.entries', 9, [at(5n)], 5n)).rejects.toThrow(SteppedBack);
  expect(await audit.size()).toBe(before + 1);
  expect(await writer.nextOffset('audit.entries', 8)).toBe(3n);
});

describe('what cannot be read', () => {
  const actor = { id: 'x', kind: 'system' };
  it.each<[string, string, string]>([
    ['no JSON', 'planted-4711', 'not JSON'],
    ['another message', '{}', 'not a CloudEvent of type `audit.entry-recorded.v1`'],
    ['an entry without its actor', messageOf({ ...entry(), actor: undefined }), '`AuditEntryV1` breaks its contract'],
    ['an entry without anything', messageOf([]), '`AuditEntryV1` must be an object'],
    [
      'an entry that is too large',
      messageOf({ ...entry(), fields: ['x'.repeat(maxEntryBytes)] }),
      'larger than 65535 bytes',
    ],
    ['NUL', messageOf({ ...entry(), actor: { ...actor, id: 'planted-4711\0' } }), 'text that cannot be kept'],
    ['half of a character', messageOf({ ...entry(), actor: { ...actor, id: '\ud83d' } }), 'text that cannot be kept'],
    [
      'a time that the database does not read',
      messageOf({ ...entry(), time: '2026-W10-3' }),
      'refused by the database: 22007',
    ],
  ])('is set aside with its reason, and what is behind it goes on: %s', async (_, value, reason) => {
    const before = await unreadable();
    const [ahead, behind] = [entry(), entry()];
    const poison = audit.message(value);
    await audit.write(audit.message(messageOf(ahead)), poison, audit.message(messageOf(behind)));
    await audit.write(poison);
    for (const { entryId } of [ahead, behind])
      expect((await audit.call('GET', `/v1/entries/${entryId}`)).statusCode).toBe(200);
    expect(await unreadable()).toEqual([...before, reason]);
    await verified();
  });

  it('is an entry, too, that claims the id of another', async () => {
    const [before, one] = [await unreadable(), entry()];
    await audit.append(one, { ...one, outcome: 'denied' });
    await audit.append({ ...one, outcome: 'refused' }, one);
    expect((await audit.call('GET', `/v1/entries/${one.entryId}`)).json()).toMatchObject({ outcome: 'done' });
    const reason = 'the id is that of another entry in the log';
    expect(await unreadable()).toEqual([...before, reason, reason]);
  });

  it('is counted for whoever watches the service', async () => {
    const told = async () => (await audit.call('GET', '/metrics', null)).body;
    const before = (await unreadable()).length;
    await eventually(async () =>
      expect(await told()).toMatch(new RegExp(`^govbus_unreadable_entries ${before}$`, 'm')),
    );
    await audit.write(audit.message('planted-4711'));
    await eventually(async () =>
      expect(await told()).toMatch(new RegExp(`^govbus_unreadable_entries ${before + 1}$`, 'm')),
    );
  });

  it('is listed page by page without what it held, for auditors and administrators alone', async () => {
    const seen: unknown[] = [];
    for (let cursor = ''; ;) {
      const response = await audit.call('GET', `/v1/unreadable-entries?limit=3${cursor}`, ['admin']);
      expect(response.body).not.toContain('planted-4711');
      const page = response.json<{ items: { offset: number }[]; nextCursor?: string }>();
      seen.push(...page.items.map(({ offset }) => offset));
      if (!page.nextCursor) break;
      cursor = `&cursor=${page.nextCursor}`;
    }
    expect(seen).toHaveLength((await unreadable()).length);
    expect(seen).toEqual([...new Set(seen as number[])].sort((a, b) => a - b));
    expect((await audit.call('GET', '/v1/unreadable-entries', ['events:read'])).statusCode).toBe(403);
  });
});

describe('tiles', () => {
  const get = async (path: string, scopes: string[] | null = null) => {
    const response = await audit.call('GET', path, scopes);
    return { status: response.statusCode, bytes: response.rawPayload.length, headers: response.headers };
  };

  it('come whole and in every width that is there, to everybody', async () => {
    await audit.append(...Array.from({ length: 257 }, () => entry()));
    const size = await audit.size();
    const [last, width] = [Math.floor(size / 256), size % 256];
    const name = String(last).padStart(3, '0');
    expect(await get('/tile/0/000')).toMatchObject({
      status: 200,
      bytes: 256 * 32,
      headers: { 'content-type': 'application/octet-stream', 'cache-control': expect.stringContaining('immutable') },
    });
    for (const part of [1, 2, 255])
      expect(await get(`/tile/0/000.p/${part}`)).toMatchObject({ status: 200, bytes: part * 32 });
    expect(await get(`/tile/0/${name}.p/${width}`)).toMatchObject({ status: 200, bytes: width * 32 });
    expect(await get(`/tile/1/000.p/${last}`)).toMatchObject({ status: 200, bytes: last * 32 });
    for (const path of [
      `/tile/0/${name}`,
      `/tile/0/${name}.p/${width + 1}`,
      `/tile/1/000.p/${last + 1}`,
      '/tile/2/000',
    ])
      expect(await get(path)).toMatchObject({ status: 404 });
  });

  it.each([
    '/tile/0/000.p/0',
    '/tile/0/000.p/256',
    '/tile/0/000.p/01',
    '/tile/0/000.p/-1',
    '/tile/0/0',
    '/tile/0/x000/000',
    '/tile/0/x999/999',
    `/tile/0/${'x999/'.repeat(9)}999`,
    '/tile/00/000',
    '/tile/60/000',
    '/tile/64/000',
    '/tile/-1/000',
    '/tile/0/000?surplus=1',
    '/tile/0/%78001/000',
    '/tile/0/',
  ])('are unknown by any other name: %s', async (path) => {
    const response = await audit.call('GET', path, null);
    expect(response.json()).toMatchObject({ status: 404, code: 'tile.unknown' });
  });

  it('of entries are for auditors, and kept by no cache', async () => {
    expect((await get('/tile/entries/000')).status).toBe(401);
    expect((await get('/tile/entries/000', ['events:read', 'admin'])).status).toBe(403);
    expect(await get('/tile/entries/000', ['audit:read'])).toMatchObject({
      status: 200,
      headers: { 'cache-control': 'private, no-store' },
    });
    const escaped = await audit.call('GET', '/tile/%65ntries/000', null);
    expect([401, 404]).toContain(escaped.statusCode);
    for (const path of ['/tile/entries/000.p/0', `/tile/entries/${'x999/'.repeat(5)}999`, '/tile/entries/x999/999'])
      expect((await get(path, ['audit:read'])).status).toBe(404);
  });
});

describe('the tables of the log', () => {
  it.each([
    "UPDATE entries SET body = '{}' WHERE index = 3",
    'DELETE FROM entries WHERE index = 3',
    'TRUNCATE entries',
    "UPDATE tiles SET hashes = decode(repeat('00', 8192), 'hex') WHERE level = 0 AND tile = 0",
    'UPDATE tiles SET hashes = substring(hashes FROM 1 FOR 32) WHERE level = 0 AND tile = 0',
    'UPDATE tiles SET tile = 99 WHERE level = 0 AND tile = 0',
    'DELETE FROM tiles',
    'TRUNCATE tiles',
    'UPDATE log_state SET size = size - 1',
    "UPDATE log_state SET checkpoint = 'forged'",
    'DELETE FROM log_state',
    'TRUNCATE log_state',
    "UPDATE unreadable_entries SET reason = 'none'",
    'DELETE FROM unreadable_entries',
    'TRUNCATE unreadable_entries',
  ])("refuse to the service's own connection: %s", async (sql) => {
    await expect(audit.db.query(sql)).rejects.toThrow(/never changed|only grows/);
    await expect(verified()).resolves.toMatchObject({ origin: 'audit.test/govbus' });
  });

  it('cannot be changed behind its back without the verification telling', async () => {
    const [entries] = await audit.db.query<{ body: string }[]>('SELECT body FROM entries WHERE index = 3');
    const [tile] = await audit.db.query<{ hashes: Buffer }[]>('SELECT hashes FROM tiles WHERE level = 0 AND tile = 0');
    const [state] = await audit.db.query<{ size: string; checkpoint: string }[]>(
      'SELECT size, checkpoint FROM log_state',
    );
    const { body = '' } = entries ?? {};
    const size = Number(state?.size);
    const forged = body.replace('"done"', '"denied"');
    expect(forged).not.toBe(body);

    const changeEntry = (text: string) => audit.tamper('UPDATE entries SET body = $1 WHERE index = 3', [text]);
    await changeEntry(forged);
    await expect(verified()).rejects.toThrow('tile/0/000 does not fit');

    // Whoever adapts the tile as well only moves the difference up.
    const hashes = Buffer.from(tile?.hashes ?? '');
    leafHash(Buffer.from(forged)).copy(hashes, 3 * 32);
    const changeTile = (bytes: Buffer | undefined) =>
      audit.tamper('UPDATE tiles SET hashes = $1 WHERE level = 0 AND tile = 0', [bytes]);
    await changeTile(hashes);
    await expect(verified()).rejects.toThrow('tile/1/000');
    await changeEntry(body);
    await changeTile(tile?.hashes);
    await expect(verified()).resolves.toMatchObject({ size });

    await audit.tamper('DELETE FROM entries WHERE index = $1', [size - 1]);
    await expect(verified()).rejects.toThrow('404');
    await audit.tamper('UPDATE log_state SET checkpoint = replace(checkpoint, $1, $2)', [
      `\n${size}\n`,
      `\n${size - 1}\n`,
    ]);
    await expect(verified()).rejects.toThrow(/signature|signed/);
  });
});
