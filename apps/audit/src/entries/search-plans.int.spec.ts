import 'reflect-metadata';
import { eventually } from '@govbus/testing';
import { IndexOutcomes1796000004000 } from '../migrations/1796000004000-index-outcomes';
import { OrderByTime1796000005000 } from '../migrations/1796000005000-order-by-time';
import { DropOrderByPlace1796000006000 } from '../migrations/1796000006000-drop-order-by-place';
import { TestAudit } from '../test-audit.shared.spec';
import type { EntriesSearch } from './entries.dto';
import { searchOf } from './entries.sql';

jest.setTimeout(120_000);

const rows = 200_000;
/** Far fewer than all, more than a page: rows that a search may look at, those of indexes and those it throws away among them. */
const few = 500;
/** Of the rows that begin each round of agreements and of subscriptions. */
const nil = '00000000-0000-0000-0000-000000000000';
const subjectKey = (n: number): string => `s${String(n).padStart(21, '0')}`;

let audit: TestAudit;
beforeAll(async () => {
  audit = await TestAudit.start();
  // A minute apart from 2026-01-01 on, every tenth some minutes late. `busy` did half of all, and before him `old`; the dataset
  // `calm` has the other half; one among 200 is a denial, none of them there; a person in each, one of them in every fiftieth.
  await audit.tamper(
    `INSERT INTO entries
     SELECT n, gen_random_uuid(),
            json_build_object('entity', 'disclosure:' || n / 2, 'caseReference', CASE n % 3 WHEN 0 THEN 'every' ELSE 'c' || n / 9 END,
              'traceId', 't' || n / 4, 'filler', repeat('x', 300))::text,
            timestamptz '2026-01-01Z' + make_interval(mins => n - CASE n % 10 WHEN 0 THEN 7 ELSE 0 END),
            CASE WHEN n % 200 = 0 THEN 'refuse' WHEN n % 5000 = 1 THEN 'administer' ELSE 'disclose' END,
            CASE WHEN n % 200 = 0 THEN 'denied' ELSE 'done' END,
            CASE WHEN n < $1::int / 10 AND n % 2 = 0 THEN 'old' WHEN n % 2 = 0 THEN 'busy' ELSE 'actor-' || n % 1000 END,
            CASE WHEN n % 2 = 1 THEN 'calm' ELSE 'dataset-' || n % 40 END,
            lpad(to_hex(n % 400), 32, '0')::uuid, lpad(to_hex(n % 4000), 32, '0')::uuid,
            ARRAY['s' || lpad((n / 3 + 1)::text, 21, '0')] || CASE WHEN n % 50 = 0 THEN ARRAY['s' || lpad('', 21, '0')] ELSE '{}' END
       FROM generate_series(0, $1::int - 1) AS n`,
    [rows],
  );
  // As PostgreSQL does by itself from time to time; anybody who was at work while the rows came leaves it something for the next.
  await eventually(async () => {
    await audit.db.query('VACUUM ANALYZE entries');
    const seen = await audit.db.query(`SELECT 1 FROM pg_class WHERE relname = 'entries' AND relallvisible = relpages`);
    expect(seen).toHaveLength(1);
  }, 60_000);
}, 120_000);
afterAll(() => audit.stop());

type Plan = {
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: Plan[];
};
const allOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(allOf)];
const lookedAt = (plan: Plan): number =>
  (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0) + (plan['Rows Removed by Index Recheck'] ?? 0)) *
  plan['Actual Loops'];

/** The most rows that one step of PostgreSQL looks at, doing the very search of the service. */
async function rowsLookedAt(asked: Partial<EntriesSearch>): Promise<number> {
  const { sql, values } = searchOf({ limit: 50, ...asked }, asked.subjectKey);
  const [row] = await audit.db.query<{ 'QUERY PLAN': [{ Plan: Plan }] }[]>(
    `EXPLAIN (ANALYZE, FORMAT JSON, TIMING OFF) ${sql}`,
    values,
  );
  if (!row) throw new Error('no plan');
  return Math.max(...allOf(row['QUERY PLAN'][0].Plan).map(lookedAt));
}

const longAgo = { from: '2026-01-10', to: '2026-01-11' };
const april = { from: '2026-04-01', to: '2026-05-01' };
const cursor = Buffer.from(JSON.stringify([20_000])).toString('base64url');

describe('a search looks at little more than it shows', () => {
  it.each<[string, Partial<EntriesSearch>]>([
    ['for nothing in particular', {}],
    ['for an actor who does much', { actor: 'busy' }],
    ['for an actor who does little', { actor: 'actor-17' }],
    ['for an actor of long ago', { actor: 'old' }],
    ['for a dataset', { datasetId: 'dataset-8' }],
    ['for a large dataset', { datasetId: 'calm' }],
    ['for an agreement', { agreementId: nil }],
    ['for a subscription', { subscriptionId: nil }],
    ['for a person', { subjectKey: subjectKey(5) }],
    ['for a person of whom there is nothing', { subjectKey: 'x'.repeat(22) }],
    ['for a person in a dataset', { subjectKey: subjectKey(5), datasetId: 'calm' }],
    ['for a thing', { entity: 'disclosure:77' }],
    ['for a thing that is not there', { entity: 'disclosure:x' }],
    ['for a trace', { traceId: 't77' }],
    ['for a case', { caseReference: 'c77' }],
    ['for what is no case', { caseReference: 'every' }],
    ['long ago', longAgo],
    ['before a time', { to: longAgo.to }],
    ['for an actor long ago', { actor: 'actor-17', ...longAgo }],
    ['for an actor before a time', { actor: 'busy', to: '2026-02-01' }],
    ['for an actor when he did nothing', { actor: 'old', ...april }],
    ['for a case long ago', { caseReference: 'every', ...longAgo }],
    ['for a person long ago', { subjectKey: subjectKey(5), ...longAgo }],
    ['for denials', { outcome: 'denied' }],
    ['for what failed, of which there is nothing', { outcome: 'failed' }],
    ['for denials long ago', { outcome: 'denied', ...longAgo }],
    ['for denials of an actor', { outcome: 'denied', actor: 'busy' }],
    ['for denials of an actor without any', { outcome: 'denied', actor: 'actor-17' }],
    ['for denials in a dataset without any', { outcome: 'denied', datasetId: 'calm' }],
    ['for acts of administration', { action: 'administer' }],
    ['for a case that never was', { action: 'case' }],
    ['for what was done', { outcome: 'done' }],
    ['for disclosures', { action: 'disclose' }],
    ['for disclosures that were done', { action: 'disclose', outcome: 'done', datasetId: 'calm' }],
    ['on a later page', { cursor }],
    ['for an actor on a later page', { cursor, actor: 'actor-17' }],
    ['for an actor who did nothing before', { cursor, actor: 'busy' }],
    ['for denials on a later page', { cursor, outcome: 'denied' }],
    ['for an actor long ago on a later page', { cursor, actor: 'old', ...longAgo }],
  ])('%s', async (_, asked) => {
    // Which index it takes is PostgreSQL's business: for who did half of all, that of the time does as well.
    expect(await rowsLookedAt(asked)).toBeLessThan(few);
  });

  it('for a person in very many entries at all of these, and at no others', async () => {
    expect(await rowsLookedAt({ subjectKey: subjectKey(0) })).toBe(rows / 50);
  });
});

it('goes back to the indexes it had, and to these again, with entries in the log', async () => {
  const runner = audit.db.createQueryRunner();
  const indexes = async (): Promise<unknown> =>
    runner.query(`SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'entries' ORDER BY indexname`);
  const steps = [new IndexOutcomes1796000004000(), new OrderByTime1796000005000(), new DropOrderByPlace1796000006000()];
  const before = await indexes();
  for (const step of steps.toReversed()) await step.down(runner);
  expect(JSON.stringify(await indexes())).not.toMatch(/time, index|outcome|action/);
  for (const step of steps) await step.up(runner);
  expect(await indexes()).toEqual(before);
  await runner.release();
});
