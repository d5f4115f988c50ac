import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '@govbus/testing';
import { consumer, event, Exchange } from '../exchange.int.spec';

/** A way to PostgreSQL on which what listens falls silent when told to: nothing arrives, and no connection ends. */
async function silentable(databaseUrl: string) {
  const to = new URL(databaseUrl);
  const listening = new Set<Socket>();
  const silent = new Set<Socket>();
  const server = createServer((from) => {
    const database = connect(Number(to.port), to.hostname);
    from.on('data', (bytes) => {
      if (bytes.includes('LISTEN')) listening.add(from);
      if (!silent.has(from)) database.write(bytes);
    });
    database.on('data', (bytes) => silent.has(from) || from.write(bytes));
    from.on('error', () => undefined).on('close', () => database.destroy());
    database.on('error', () => undefined).on('close', () => silent.has(from) || from.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.port = String((server.address() as { port: number }).port);
  const fallSilent = (): void => listening.forEach((socket) => silent.add(socket));
  return { url: url.href, fallSilent, count: () => listening.size, stop: () => void server.close() };
}

it('discloses nothing on what it can no longer hear, listens anew, and then knows (P5)', async () => {
  const { exchange: first, publisher, reader } = await Exchange.withParties();
  const way = await silentable(first.config.DATABASE_URL);
  const { SUBJECT_KEY_FILE, PSEUDONYM_KEY_FILE } = first.config;
  const keys = { SUBJECT_KEY_FILE, PSEUDONYM_KEY_FILE };
  const second = await Exchange.start(
    { DATABASE_URL: way.url, EXCHANGE_ROLES: 'delivery', ...keys },
    { issuer: first.issuer, mayHearLate: true },
  );
  try {
    const { datasetId } = await first.dataset();
    const { agreementId, terms, ...agreement } = await first.agreement(datasetId);
    await first.change({ ...agreement, agreementId, terms: { ...terms, deliveryModes: ['query'] }, version: 2 });
    await first.publishBatch(publisher, [event(datasetId, '1')]);
    await first.ledgerAt(datasetId, 1);
    const ask = () =>
      second.call('POST', '/v1/queries', reader, { agreementId, purpose: 'case-handling', key: 'key-1' });
    await eventually(async () => expect(await ask()).toMatchObject({ status: 200 }));
    const before = way.count();
    expect(before).toBeGreaterThan(0);

    way.fallSilent();
    await first.department(consumer, 'suspended', 2);
    await pause(1_000);
    expect(await ask()).not.toMatchObject({ status: 200 });
    await eventually(async () => expect(await ask()).toMatchObject({ status: 401, body: { code: 'token.revoked' } }));
    expect(way.count()).toBeGreaterThan(before);

    await first.department(consumer, 'active', 3);
    await eventually(async () => expect(await ask()).toMatchObject({ status: 200 }));
  } finally {
    await second.app.close();
    way.stop();
    await first.stop();
  }
});
