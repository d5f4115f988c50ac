import type { AuditEntryV1 } from '@govbus/contracts';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { Audit, type NewAuditEntry } from './audit';
import { SpecIssuer } from './issuer.shared.spec';
import { atEnd, newDatabase, startNotes } from './notes-app.shared.spec';

let issuer: SpecIssuer;
beforeAll(async () => (issuer = await SpecIssuer.start()));

/** The service, and its outbox as another connection sees it: what is committed, and nothing else. */
async function start(): Promise<{ app: NestFastifyApplication; entries: () => Promise<AuditEntryV1[]> }> {
  const databaseUrl = await newDatabase();
  const app = await startNotes(issuer.url, { databaseUrl });
  const db = await new DataSource({ type: 'postgres', url: databaseUrl }).initialize();
  atEnd(() => db.destroy());
  const entries = async (): Promise<AuditEntryV1[]> => {
    const rows = await db.query<{ value: string }[]>('SELECT value FROM outbox ORDER BY id');
    return rows.map(({ value }) => (JSON.parse(value) as { data: AuditEntryV1 }).data);
  };
  return { app, entries };
}
const recordsIn = (entries: AuditEntryV1[]): number => entries.reduce((sum, { records = 1 }) => sum + records, 0);
const refusal = (over: Partial<NewAuditEntry> = {}): NewAuditEntry => ({
  action: 'refuse',
  operation: 'GET /v1/notes/me',
  outcome: 'refused',
  actor: { id: 'anonymous', kind: 'anonymous' },
  code: 'token.missing',
  ...over,
});

describe('refusals of callers without a token', () => {
  it('are a few entries of the log however patiently they come, and each is committed before its answer', async () => {
    const { app, entries } = await start();
    const begun = performance.now();
    let answered = 0;
    const patient = async (): Promise<void> => {
      for (let n = 0; n < 10; n++) {
        expect((await app.inject({ method: 'GET', url: '/v1/notes/me' })).statusCode).toBe(401);
        const before = ++answered;
        expect(recordsIn(await entries())).toBeGreaterThanOrEqual(before);
      }
    };
    await Promise.all(Array.from({ length: 100 }, patient));
    const written = await entries();
    expect(recordsIn(written)).toBe(1_000);
    // At most one a second, on a slow machine too.
    expect(written.length).toBeLessThanOrEqual((performance.now() - begun) / 1_000 + 2);
    expect(new Set(written.map(({ operation, code }) => `${operation} ${code}`))).toEqual(
      new Set(['GET /v1/notes/me token.missing']),
    );
  });

  it('are not multiplied by what the callers make up', async () => {
    const { app, entries } = await start();
    const madeUp = Array.from({ length: 300 }, (_, n) =>
      refusal({ operation: `POST /made-up/${n}`, actor: { id: `claimed-${n}`, kind: 'anonymous' }, records: 2 }),
    );
    const expired = refusal({ code: 'token.expired' });
    await Promise.all([...madeUp, expired, expired].map((entry) => app.get(Audit).refused(entry)));
    const written = await entries();
    expect(recordsIn(written)).toBe(602);
    expect(written.length).toBeLessThan(12);
    const actor = { id: 'anonymous', kind: 'anonymous' };
    expect(written.filter(({ operation }) => operation === 'several')).toEqual([
      expect.objectContaining({ code: 'token.missing', actor, records: 584 }),
      expect.objectContaining({ code: 'token.expired', actor, records: 2 }),
    ]);
  });

  it('do not wait for the end of their second when the process ends, and are not lost', async () => {
    const { app, entries } = await start();
    const audit = app.get(Audit);
    await audit.refused(refusal());
    const waiting = Promise.all([audit.refused(refusal()), audit.refused(refusal({ code: 'token.expired' }))]);
    await Promise.all([waiting, app.close()]);
    expect(recordsIn(await entries())).toBe(3);
  });

  it('hold up nobody who has one', async () => {
    const { app, entries } = await start();
    const authorization = `Bearer ${issuer.token({ scope: 'events:read' })}`;
    await app.get(Audit).refused(refusal());
    const waiting = app.get(Audit).refused(refusal());
    for (let n = 0; n < 3; n++)
      expect((await app.inject({ method: 'POST', url: '/v1/notes', headers: { authorization } })).statusCode).toBe(403);
    const known = (await entries()).filter(({ code }) => code === 'scope.missing');
    expect(known.map(({ records }) => records)).toEqual([undefined, undefined, undefined]);
    await waiting;
  });
});
