import 'reflect-metadata';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedKafka, freePort, startKafka } from '@govbus/embedded';
import { BatchReader } from '@govbus/messaging';
import { eventually } from '@govbus/testing';
import { Exchange } from '../exchange.int.spec';
import { ExchangeProcess } from '../exchange-process.shared.spec';

jest.setTimeout(240_000);

const notReady = (what: string) => ({
  status: 503,
  body: { code: 'service.not-ready', detail: `not ready: ${what}` },
});

it('is alive and not ready while Kafka is away, and ready again by itself once it is back', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'govbus-spec-'));
  const port = await freePort();
  let kafka: EmbeddedKafka = await startKafka({ dir, port });
  const seed = await Exchange.start({ EXCHANGE_ROLES: 'ingest' }, { brokers: kafka.brokers });
  let ledger: ExchangeProcess | undefined;
  try {
    ledger = await ExchangeProcess.start(seed, 'ledger');
    const { url } = ledger;
    const ask = async (path: string) => {
      const answer = await fetch(`${url}${path}`);
      return { status: answer.status, body: (await answer.json()) as object };
    };
    expect(await ask('/health/live')).toEqual({ status: 200, body: { status: 'ok' } });

    process.kill(kafka.process?.pid ?? NaN, 'SIGKILL');
    await kafka.process?.ended;
    await eventually(async () => expect(await ask('/health/ready')).toMatchObject(notReady('kafka')), 60_000);
    expect(await ask('/health/live')).toEqual({ status: 200, body: { status: 'ok' } });
    expect(ledger.isRunning).toBe(true);

    kafka = await startKafka({ dir, port });
    await eventually(async () => expect(await ask('/health/ready')).toMatchObject({ status: 200 }), 90_000);
  } finally {
    await ledger?.end('SIGKILL');
    await seed.stop();
    await kafka.stop();
    await rm(dir, { recursive: true, force: true });
  }
});

it('is not ready before its reader of the ledger belongs to the group', async () => {
  const exchange = await Exchange.start();
  try {
    const ready = () => exchange.call('GET', '/health/ready');
    const isMember = jest.spyOn(BatchReader.prototype, 'isMember', 'get').mockReturnValue(false);
    await eventually(async () => expect(await ready()).toMatchObject(notReady('ledger')));
    expect(await exchange.call('GET', '/health/live')).toMatchObject({ status: 200 });
    isMember.mockRestore();
    // An answer is kept for a moment.
    await eventually(async () => expect(await ready()).toMatchObject({ status: 200 }));
  } finally {
    await exchange.stop();
  }
});
