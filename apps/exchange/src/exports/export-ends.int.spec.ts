import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { get } from 'node:http';
import { eventually } from '@govbus/testing';
import { ExportWriter } from './export-writer';
import { expireFiles, expireFilesSql, forgetExportsSql, stopFiles, stopFilesUnderSql } from './exports.sql';
import { ExportBench } from './exports.shared.int.spec';

let bench: ExportBench;
beforeAll(async () => {
  bench = await ExportBench.start();
  await bench.exchange.app.listen(0, '127.0.0.1');
}, 60_000);
afterAll(() => bench.stop());

/** An export that has written some records and waits for the next day. */
async function waiting(over: object = {}) {
  const made = await bench.filled([{}, {}, {}, {}, {}], { limits: { recordsPerDay: 2 } });
  await bench.dayLasts(made.agreement);
  const id = await bench.ordered(made.agreement, { of: 'events', ...over });
  await eventually(async () => expect((await bench.view(id)).body).toMatchObject({ status: 'running', records: 2 }));
  expect(await bench.chunksOf(id)).toHaveLength(1);
  return { ...made, id };
}

/** A second export like the first, leased by a process of ours. */
async function leasedCopyOf(id: string, owner: string): Promise<string> {
  const copy = randomUUID();
  await bench.exchange.db.query(
    `INSERT INTO exports (export_id, agreement_id, agreement_version, dataset_id, consumer_department, owner, purpose,
                          format, content, fields, from_position, to_position, rows_total, through_position, created_at,
                          status, lease_owner, lease_until)
     SELECT $2, agreement_id, agreement_version, dataset_id, consumer_department, owner, purpose, format, content, fields,
            from_position, to_position, rows_total, from_position - 1, created_at, 'running', $3, now() + interval '1 hour'
       FROM exports WHERE export_id = $1`,
    [id, copy, owner],
  );
  return copy;
}
/** As if the owner had been killed: its lease is over and nobody has given it back. */
const kill = (id: string, owner: string) =>
  bench.exchange.db.query(
    `UPDATE exports SET lease_owner = $2, lease_until = now() - interval '1 second', next_turn_at = NULL WHERE export_id = $1`,
    [id, owner],
  );

describe('when the agreement ends', () => {
  it.each(['suspended', 'revoked'] as const)('a file cannot be had any more: %s', async (status) => {
    const { datasetId, agreement } = await bench.filled([{}]);
    const id = await bench.done(agreement);
    const { url } = (await bench.view(id)).body.link as { url: string };
    await bench.exchange.change({ ...agreement, status, version: 2 });
    expect(await bench.file(id)).toMatchObject({ status: 403, code: 'decision.denied' });
    expect(await bench.file(url)).toMatchObject({ status: 403, code: 'decision.denied' });
    const view = await bench.reaches(id, 'stopped');
    expect(view).toMatchObject({ reason: 'agreement.not-in-force' });
    expect(view.link).toBeUndefined();
    expect(await bench.chunksOf(id)).toEqual([]);
    expect(await bench.entries(datasetId, 'exports:stop')).toMatchObject([{ entity: `export:${id}` }]);
    await bench.exchange.change({ ...agreement, version: 3 });
    expect(await bench.file(id)).toMatchObject({ status: 409, code: 'export.stopped' });
  });

  it('what is being written stops, and nothing of it stays', async () => {
    const { datasetId, agreement, id } = await waiting();
    expect(await bench.file(id)).toMatchObject({ status: 409, code: 'export.not-done' });
    await bench.exchange.change({ ...agreement, status: 'revoked', version: 2 });
    expect(await bench.reaches(id, 'stopped')).toMatchObject({ reason: 'agreement.not-in-force' });
    expect(await bench.chunksOf(id)).toEqual([]);
    const refusals = (await bench.entries(datasetId, 'exports:run')).filter(({ outcome }) => outcome === 'denied');
    expect(refusals).toMatchObject([{ code: 'agreement.not-in-force', entity: `export:${id}` }]);
  });

  it('a download under way is cut off', async () => {
    const { agreement } = await bench.filled([{}]);
    const id = await bench.done(agreement);
    // A file far larger than what the sockets hold.
    const megabytes = 64;
    await bench.exchange.db.query(
      `INSERT INTO export_chunks SELECT $1, n, convert_to(repeat('x', 1048576), 'UTF8') FROM generate_series(1, $2::integer) n`,
      [id, megabytes - 1],
    );
    await bench.exchange.db.query(
      'UPDATE exports SET chunks = $2, bytes = bytes + ($2 - 1) * 1048576 WHERE export_id = $1',
      [id, megabytes],
    );
    const token = await bench.exchange.issuer.token({ ...bench.reader, kind: 'system', roles: [] });
    const url = `${await bench.exchange.app.getUrl()}/v1/exports/${id}/file`;
    let received = 0;
    let isOver = false;
    const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) =>
      get(url, { headers: { authorization: `Bearer ${token}` } }, resolve).on('error', reject),
    );
    response.once('data', (chunk: Buffer) => {
      received += chunk.length;
      response.pause();
    });
    response.on('error', () => undefined).on('close', () => (isOver = true));
    await eventually(() => expect(received).toBeGreaterThan(0));
    await bench.exchange.change({ ...agreement, status: 'revoked', version: 2 });
    response.on('data', (chunk: Buffer) => (received += chunk.length)).resume();
    await eventually(() => expect(isOver).toBe(true));
    expect(received).toBeLessThan(Number(response.headers['content-length']));
  });

  it('a file that was made under other terms is not given out', async () => {
    const { agreement } = await bench.filled([{}]);
    const id = await bench.done(agreement);
    await bench.exchange.change({ ...agreement, version: 2, terms: bench.terms({ fields: ['/key'], masks: [] }) });
    expect(await bench.file(id)).toMatchObject({ status: 409, code: 'export.stopped' });
    await bench.reaches(id, 'stopped');
  });

  it('what is being written begins anew under the new terms', async () => {
    const { agreement, id } = await waiting();
    await bench.exchange.change({ ...agreement, version: 2, terms: bench.terms({ fields: ['/key'], masks: [] }) });
    expect(await bench.reaches(id, 'done')).toMatchObject({ agreementVersion: 2, records: 5 });
    const lines = (await bench.file(id)).content.toString().trimEnd().split('\r\n');
    expect([lines[0], lines.length]).toEqual(['position,time,type,/key', 6]);
  });
});

describe('of an agreement that changed', () => {
  it('a file is taken away, and what is being written stops, where that was missed since nobody listened', async () => {
    const [{ agreement }, { agreement: other, id: unfinished }] = [await bench.filled([{}]), await waiting()];
    const id = await bench.done(agreement);
    for (const { agreementId } of [agreement, other])
      await bench.rows(`UPDATE agreements SET status = 'revoked', version = 2 WHERE agreement_id = $1`, agreementId);
    await bench.exchange.db.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query = 'SELECT 1'`,
    );
    for (const one of [id, unfinished])
      expect(await bench.reaches(one, 'stopped')).toMatchObject({ reason: 'agreement.not-in-force' });
    expect(await bench.chunksOf(unfinished)).toEqual([]);
  });

  it('a file is taken away when that was before it was done', async () => {
    const { agreement } = await bench.filled([{}]);
    const [owner, whole] = [randomUUID(), await bench.done(agreement)];
    const id = await leasedCopyOf(whole, owner);
    await bench.rows('UPDATE exports SET is_read = true WHERE export_id = $1', id);
    await bench.exchange.change({ ...agreement, version: 2 });
    await bench.reaches(whole, 'stopped');
    await kill(id, owner);
    expect(await bench.reaches(id, 'stopped')).toMatchObject({ reason: 'agreement.changed' });
  });

  it('a file is taken away although that failed at first', async () => {
    const { agreement } = await bench.filled([{}]);
    const id = await bench.done(agreement);
    await bench.exchange.db.query(`
      CREATE SEQUENCE failures;
      CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'failure %', nextval('failures'); END $$;
      CREATE TRIGGER failing BEFORE UPDATE ON exports FOR EACH ROW
        WHEN (NEW.export_id = '${id}' AND NEW.status = 'stopped') EXECUTE FUNCTION fail()`);
    await bench.exchange.change({ ...agreement, version: 2 });
    await eventually(async () => {
      const [{ is_called: hasFailed }] = await bench.exchange.db.query<[{ is_called: boolean }]>(
        'SELECT is_called FROM failures',
      );
      expect(hasFailed).toBe(true);
    });
    await bench.exchange.db.query('DROP TRIGGER failing ON exports');
    await bench.reaches(id, 'stopped');
  });
});

describe('an export that is over', () => {
  it('expires, and its file is deleted', async () => {
    const { datasetId, agreement } = await bench.filled([{}]);
    const id = await bench.done(agreement);
    const { createdAt, expiresAt } = (await bench.view(id)).body;
    const hours = (Date.parse(String(expiresAt)) - Date.parse(String(createdAt))) / 3_600_000;
    expect(Math.round(hours)).toBe(24);
    await bench.rows(`UPDATE exports SET expires_at = now() - interval '1 second' WHERE export_id = $1`, id);
    expect(await bench.file(id)).toMatchObject({ status: 409, code: 'export.expired' });
    await bench.reaches(id, 'expired');
    expect(await bench.chunksOf(id)).toEqual([]);
    expect(await bench.entries(datasetId, 'exports:expire')).toMatchObject([{ entity: `export:${id}` }]);
  });

  it('is gone once it is cancelled', async () => {
    const { datasetId, id } = await waiting();
    const { status } = await bench.exchange.call('DELETE', `/v1/exports/${id}`, bench.reader);
    expect(status).toBe(204);
    expect((await bench.view(id)).status).toBe(404);
    expect(await bench.chunksOf(id)).toEqual([]);
    expect(await bench.entries(datasetId, 'exports:delete')).toMatchObject([{ actor: { id: bench.reader.id } }]);
  });
});

describe('looking for exports that are over', () => {
  it('locks none that is not', async () => {
    const { agreement } = await bench.filled([{}]);
    const id = await bench.done(agreement);
    await bench.exchange.db.transaction(async (tx) => {
      await expireFiles(new Date(), tx);
      await stopFiles('all', new Date(), tx);
      const free = await bench.rows('SELECT 1 FROM exports WHERE export_id = $1 FOR UPDATE SKIP LOCKED', id);
      expect(free).toHaveLength(1);
    });
  });

  it.each([
    ['that ended long ago', forgetExportsSql, [new Date()], 'exports_ended'],
    ['whose time is over', expireFilesSql, [new Date()], 'exports_expiring'],
    ['of agreements that changed', stopFilesUnderSql, [new Date(), [randomUUID()]], 'exports_by_agreement'],
  ])('looks at none but those %s', async (_, sql, values, index) => {
    const { agreement } = await bench.filled([{}]);
    const id = await bench.done(agreement);
    const session = bench.exchange.db.createQueryRunner();
    await session.startTransaction();
    await session.query(
      `INSERT INTO exports (export_id, agreement_id, agreement_version, dataset_id, consumer_department, owner, purpose,
                            format, content, fields, from_position, to_position, rows_total, through_position, created_at,
                            status, expires_at)
       SELECT gen_random_uuid(), gen_random_uuid(), 1, dataset_id, consumer_department, owner, purpose, format, content,
              fields, from_position, to_position, rows_total, through_position, created_at, 'done', expires_at + n * interval '1 s'
         FROM exports, generate_series(1, 5000) n WHERE export_id = $1`,
      [id],
    );
    await session.query('ANALYZE exports');
    const plan = JSON.stringify(await session.query(`EXPLAIN ${sql}`, values));
    await session.rollbackTransaction();
    await session.release();
    expect(plan).toContain(index);
    expect(plan).not.toContain('Seq Scan on exports');
  });
});

describe('several processes', () => {
  const events = Array.from({ length: 2_500 }, (_, i) => ({ key: `k${i}` }));

  it.each(['latest', 'events'])(
    'go on where a killed one was, and no page is disclosed twice: %s',
    async (of) => {
      const { agreement } = await bench.filled(events);
      const whole = await bench.done(agreement, { of, format: 'ndjson' });
      const owner = randomUUID();
      const id = await leasedCopyOf(whole, owner);
      let pages = 0;
      // It does not get as far as to give its lease back, after which another would write on.
      const killed = (): boolean => {
        if ((pages += 1) > 1) throw new Error('killed');
        return false;
      };
      await expect(bench.exchange.app.get(ExportWriter).run(owner, id, killed)).rejects.toThrow('killed');
      expect(await bench.chunksOf(id)).toHaveLength(1);
      await kill(id, owner);
      const { sha256 } = await bench.reaches(id, 'done');
      expect(sha256).toBe((await bench.view(whole)).body.sha256);
      const disclosed = await bench.disclosuresOf(id);
      expect(disclosed.map(({ records }) => records)).toEqual(
        (await bench.disclosuresOf(whole)).map(({ records }) => records),
      );
      expect(disclosed.length).toBeGreaterThan(2);
      expect(await bench.chunksOf(id)).toHaveLength(disclosed.length);
    },
    60_000,
  );

  it('keep nothing of one that has lost its lease', async () => {
    const { agreement } = await bench.filled([{}, {}]);
    const holder = randomUUID();
    const id = await leasedCopyOf(await bench.done(agreement), holder);
    await bench.exchange.app.get(ExportWriter).run(randomUUID(), id, () => false);
    expect(await bench.chunksOf(id)).toEqual([]);
    expect(await bench.disclosuresOf(id)).toEqual([]);
    expect((await bench.view(id)).body).toMatchObject({ status: 'running', records: 0 });
    await kill(id, holder);
    await bench.reaches(id, 'done');
  });

  it('keep no page whose record cannot be written', async () => {
    const { agreement } = await bench.filled([{}]);
    const holder = randomUUID();
    const id = await leasedCopyOf(await bench.done(agreement), holder);
    await bench.exchange.db.query('ALTER TABLE outbox RENAME TO outbox_away');
    await bench.exchange.app.get(ExportWriter).run(holder, id, () => false);
    const chunks = await bench.chunksOf(id);
    await bench.exchange.db.query('ALTER TABLE outbox_away RENAME TO outbox');
    expect(chunks).toEqual([]);
    await bench.reaches(id, 'done');
  });

  it('take no more exports of a department than it may have at once', async () => {
    const { agreement } = await bench.filled([{}]);
    const id = await bench.done(agreement);
    const copies = await Promise.all(Array.from({ length: 20 }, () => leasedCopyOf(id, randomUUID())));
    expect(await bench.order(agreement)).toMatchObject({ status: 409, body: { code: 'export.too-many' } });
    for (const copy of copies) await bench.exchange.call('DELETE', `/v1/exports/${copy}`, bench.reader);
    expect((await bench.order(agreement)).status).toBe(202);
  });
});
