import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { Changes } from './changes';
import { Clock, SharedClock } from './clock';
import { SpecIssuer } from './issuer.shared.spec';
import { createLogger } from './logger';
import { eventually, startNotes } from './notes-app.shared.spec';
import { HealthController } from './service/health.controller';
import { Detail, Readiness } from './service/readiness';

let app: NestFastifyApplication;
let db: DataSource;
beforeAll(async () => {
  const issuer = await SpecIssuer.start();
  app = await startNotes(issuer.url);
  db = app.get(DataSource);
});

const get = (url: string, headers: Record<string, string> = {}, remoteAddress = '127.0.0.1') =>
  app.inject({ method: 'GET', url, headers, remoteAddress });

describe('the metrics', () => {
  it('tell of the process and of what waits, as Prometheus reads it', async () => {
    await db.query(
      `INSERT INTO outbox (topic, key, value, created_at) VALUES ('t', 'k', 'v', now() - interval '1 minute')`,
    );
    const answer = await get('/metrics');
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    const valueOf = (name: string): number => Number(new RegExp(`^${name} (.*)$`, 'm').exec(answer.body)?.[1]);
    expect(valueOf('process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
    expect(valueOf('govbus_outbox_messages')).toBe(1);
    expect(valueOf('govbus_outbox_age_seconds')).toBeGreaterThan(59);
    expect(valueOf('govbus_parked_messages')).toBe(0);
    expect(valueOf('govbus_producer_queue_messages')).toBe(0);
    // Nothing failed: the counter has no series.
    expect(valueOf('govbus_scrape_failures_total')).toBeNaN();
    expect(answer.body).toMatch(/^nodejs_eventloop_delay_seconds\{quantile="0.99"\} [\d.e-]+$/m);
  });

  it.each([
    ['from another address', {}, '192.0.2.1'],
    ['from another address of the sixth version', {}, '2001:db8::1'],
    ['passed on by a proxy', { 'x-forwarded-for': '192.0.2.1' }, '127.0.0.1'],
    ['passed on by a proxy of the standard', { forwarded: 'for=192.0.2.1' }, '127.0.0.1'],
  ])('are not there for a request %s', async (_, headers, address) => {
    const answer = await get('/metrics', headers, address);
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ code: 'route.unknown' });
  });

  it.each(['127.8.9.1', '::1', '::ffff:127.0.0.1'])('are there for %s', async (address) => {
    expect((await get('/metrics', {}, address)).statusCode).toBe(200);
  });
});

describe('readiness', () => {
  it('waits for what a service adds, and shows what there is to know', async () => {
    const readiness = app.get(Readiness);
    readiness.add('reader', () => Promise.reject(new Error('planted')));
    // Another part that was slow once would be told as well.
    const down = await eventually(async () => {
      const answer = await get('/health/ready');
      expect(answer.json()).toMatchObject({ code: 'service.not-ready', detail: 'not ready: reader' });
      return answer;
    });
    expect(down.statusCode).toBe(503);
    expect(down.body).not.toContain('planted');
    readiness.add('reader', () => Promise.resolve(new Detail({ isFresh: false })));
    await eventually(async () =>
      expect((await get('/health/ready')).json()).toMatchObject({
        status: 'ok',
        details: { reader: { status: 'up', isFresh: false } },
      }),
    );
  });

  it('is looked at once for all who ask at once or in the second after, whatever it finds', async () => {
    const own = await startNotes((await SpecIssuer.start()).url);
    const ask = () => own.inject({ method: 'GET', url: '/health/ready' });
    let [looks, end] = [0, (): void => undefined];
    own.get(Readiness).add('counted', () => {
      looks += 1;
      return new Promise<void>((_, reject) => (end = () => reject(new Error('planted'))));
    });
    const [begun, asking] = [performance.now(), Promise.all(Array.from({ length: 50 }, ask))];
    await eventually(() => expect(looks).toBe(1));
    end();
    expect(new Set((await asking).map(({ statusCode }) => statusCode))).toEqual(new Set([503]));
    own.get(Readiness).add('counted', () => Promise.resolve((looks += 1)));
    for (let n = 0; n < 50; n += 1) await ask();
    expect(looks).toBeLessThanOrEqual(2 + (performance.now() - begun) / 1_000);
    await eventually(async () => expect((await ask()).statusCode).toBe(200));
  });

  it('ends with the process at once, whatever was seen before', async () => {
    const own = await startNotes((await SpecIssuer.start()).url);
    const ask = () => own.inject({ method: 'GET', url: '/health/ready' });
    await eventually(async () => expect((await ask()).statusCode).toBe(200));
    for (const hook of [own.get(Readiness), own.get(HealthController)]) hook.onModuleDestroy();
    expect((await ask()).json()).toMatchObject({ detail: 'not ready: process' });
  });
});

describe('the shared clock', () => {
  it('is the machine’s own as long as it is right', async () => {
    const clock = new SharedClock(db, createLogger('spec', 'silent'));
    await clock.onModuleInit();
    const before = Date.now();
    expect(clock.now().getTime()).toBeGreaterThanOrEqual(before);
    expect(clock.now().getTime()).toBeLessThanOrEqual(Date.now());
    clock.onApplicationShutdown();
  });

  it.each([3_600_000, -3_600_000])('keeps to the database when the machine’s is set by %i ms', async (stepMs) => {
    const clock = new SharedClock(db, createLogger('spec', 'silent'));
    await clock.onModuleInit();
    const right = performance.timeOrigin + performance.now();
    const real = Date;
    try {
      global.Date = class extends real {
        constructor(...given: [] | [number]) {
          super(given[0] ?? real.now() + stepMs);
        }
      } as DateConstructor;
      expect(Math.abs(clock.now().getTime() - right)).toBeLessThan(60_000);
    } finally {
      global.Date = real;
    }
    clock.onApplicationShutdown();
  });

  it('is what services take their time from', () => expect(app.get(Clock)).toBeInstanceOf(SharedClock));
});

describe('a process that stood still', () => {
  it('does not take that for the silence of its database', async () => {
    const changes = app.get(Changes);
    const resync = jest.fn();
    await changes.on('spec', () => undefined, resync);
    const client = await changes['client'];
    if (!client) throw new Error('not connected');
    const query = client.query.bind(client) as (sql: string) => Promise<unknown>;
    const stoodStill = new Promise<void>((done) => {
      jest.spyOn(client, 'query').mockImplementationOnce(async (sql: unknown) => {
        // After this phase of the event loop comes that of the timers, and only then is it read what has come.
        await new Promise(setImmediate);
        const answer = query(String(sql));
        // Longer than the database may be silent; its answer comes meanwhile.
        const end = performance.now() + 2_500;
        while (performance.now() < end);
        done();
        return answer;
      });
    });
    await stoodStill;
    await eventually(() => expect(changes.heardAgeMs).toBeLessThan(500));
    expect(await changes['client']).toBe(client);
    expect(resync).not.toHaveBeenCalled();
  });
});
