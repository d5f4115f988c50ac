import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { AgreementRecord, type AgreementRecordV1, AuditEntry, CaseMoved, CaseOpened } from '@govbus/contracts';
import { eventually } from '@govbus/testing';
import { In } from 'typeorm';
import { AgreementConsumer } from '../agreements/agreement.consumer';
import { AppConfig } from '../app.config';
import { CaseRecord, CaseStep } from '../cases/case.entity';
import { Directory } from '../directory/directory.service';
import { ExchangeDouble, Removed } from '../harness/exchange-double.spec';
import { dispatcher, envelope, police, Service } from '../harness/service.spec';
import { Units } from '../units/units.service';
import { intakeLock } from './intake-lead';
import { Intake } from './intake.entity';
import { IntakeRecords } from './intake.service';
import { IntakeWorker } from './intake.worker';

let exchange: ExchangeDouble;
let service: Service;

beforeAll(async () => {
  exchange = await ExchangeDouble.start();
  service = await Service.start({ EXCHANGE_URL: exchange.url, OIDC_ISSUER: `${exchange.url}/oidc` });
  exchange.publicKey = service.publicKey;
}, 60_000);
afterAll(async () => {
  await service.stop();
  await exchange.stop();
});
afterEach(() => {
  exchange.outage = undefined;
  exchange.onAck = () => Promise.resolve();
});

const record = (id: number, more: object = {}) => ({ id: `key-${id}`, kind: 'Noise', lat: 0.5, lon: '0.5', ...more });
const records = (count: number, from = 1) => Array.from({ length: count }, (_, i) => record(from + i));
const casesOf = (datasetId: string) =>
  service.db.manager.find(CaseRecord, { where: { datasetId }, order: { position: 'ASC' } });
const countIs = (datasetId: string, count: number) =>
  eventually(async () => expect(await service.db.manager.countBy(CaseRecord, { datasetId })).toBe(count), 20_000);

/** A grid, and an agreement over a dataset that holds `events`, which supplies cases from now on. */
async function supplied(events: unknown[], over: Partial<AgreementRecordV1> = {}) {
  const gridId = `grid-${randomUUID().slice(0, 8)}`;
  const datasetId = await service.dataset(gridId);
  const agreementId = over.agreementId ?? randomUUID();
  exchange.ledgers.set(agreementId, { datasetId, records: [...events] });
  const agreement = await service.agreement(datasetId, { agreementId, ...over });
  return { gridId, datasetId, agreementId, agreement };
}
const publish = (agreementId: string, ...events: unknown[]) =>
  exchange.ledgers.get(agreementId)?.records.push(...events);
const subscriptionsOf = (agreementId: string) =>
  exchange.subscriptions.filter((subscription) => subscription.agreementId === agreementId);
const change = (agreement: AgreementRecordV1) =>
  service.app.get(AgreementConsumer).apply(envelope(AgreementRecord, agreement));
const progressOf = (agreementId: string) => service.db.manager.findOneBy(Intake, { agreementId });

describe('case intake', () => {
  it('draws every record as one case, page after page, and acknowledges only what is kept', async () => {
    const kept: number[] = [];
    exchange.onAck = async (subscriptionId, position) => {
      const agreementId = exchange.subscriptions.find((s) => s.subscriptionId === subscriptionId)?.agreementId ?? '';
      const datasetId = exchange.ledgers.get(agreementId)?.datasetId ?? '';
      kept.push((await service.db.manager.countBy(CaseRecord, { datasetId })) - position);
    };
    const { datasetId, agreementId } = await supplied(records(1_203));
    await countIs(datasetId, 1_203);
    await eventually(() => expect(subscriptionsOf(agreementId)).toMatchObject([{ acked: 1_203, mode: 'pull' }]));
    expect(kept).toEqual([0, 0, 0]);
    const cases = await casesOf(datasetId);
    expect(cases.map((matter) => matter.position)).toEqual(records(1_203).map((_, i) => i + 1));
    expect(cases[0]).toMatchObject({
      recordKey: 'key-1',
      category: 'Noise',
      latitude: 0.5,
      longitude: 0.5,
      version: 1,
    });
    const opened = await service.sent(CaseOpened, (data) => data.datasetId === datasetId);
    expect(opened.map((data) => data.position)).toEqual(cases.map((matter) => matter.position));
    const entries = await service.sent(AuditEntry, (data) => data.agreementId === agreementId);
    expect(entries.map(({ operation, positions, records: count }) => ({ operation, positions, count }))).toEqual([
      { operation: 'cases:open', positions: { first: 1, last: 500 }, count: 500 },
      { operation: 'cases:open', positions: { first: 501, last: 1_000 }, count: 500 },
      { operation: 'cases:open', positions: { first: 1_001, last: 1_203 }, count: 203 },
    ]);
    publish(agreementId, record(1_204));
    await countIs(datasetId, 1_204);
  });

  it('shows its own key to the issuer, with a fresh assertion that lives a minute', () => {
    expect(exchange.assertions.length).toBeGreaterThan(0);
    for (const { iss, sub, aud, exp = 0, iat = 0 } of exchange.assertions) {
      expect({ iss, sub, aud }).toEqual({ iss: 'case-routing', sub: 'case-routing', aud: `${exchange.url}/oidc` });
      expect(exp - iat).toBe(60);
    }
  });

  it('keeps one token for many calls, and asks for another when it is refused', async () => {
    const before = exchange.assertions.length;
    const { datasetId, agreementId } = await supplied(records(1));
    await countIs(datasetId, 1);
    expect(exchange.assertions.length).toBe(before);
    exchange.revokeTokens();
    publish(agreementId, record(2));
    await countIs(datasetId, 2);
    expect(exchange.assertions.length).toBeGreaterThan(before);
  });

  it('goes on with the subscription that is there, from its beginning', async () => {
    const agreementId = randomUUID();
    const [subscriptionId, purpose] = [randomUUID(), 'case-handling'];
    const other = {
      subscriptionId: randomUUID(),
      agreementId,
      owner: 'case-routing',
      purpose: 'statistics',
      mode: 'pull',
      filters: [],
      status: 'active',
      acked: 0,
    };
    // Acknowledged by who has lost its database since.
    exchange.subscriptions.push(other, { ...other, subscriptionId, purpose, acked: 2 });
    const { datasetId } = await supplied(records(3), { agreementId });
    await countIs(datasetId, 3);
    await eventually(() => expect(exchange.acks).toContainEqual({ subscriptionId, position: 3 }));
    expect(subscriptionsOf(agreementId)).toHaveLength(2);
  });

  it.each([
    ['of a colleague', { owner: 'colleague' }],
    ['with filters', { filters: [{ exact: { kind: 'Rats' } }] }],
    ['of one area', { areaCode: '110101001001' }],
    ['for one case', { caseReference: 'case-1' }],
  ])('makes its own subscription beside one %s, and leaves that alone', async (_, over) => {
    const agreementId = randomUUID();
    const own = { agreementId, owner: 'case-routing', purpose: 'case-handling', mode: 'pull', filters: [] };
    // It is behind the first two records: whoever draws through it never sees them.
    const other = { subscriptionId: randomUUID(), ...own, ...over, status: 'active', acked: 2 };
    exchange.subscriptions.push(other);
    const { datasetId } = await supplied(records(3), { agreementId });
    await countIs(datasetId, 3);
    await eventually(() =>
      expect(subscriptionsOf(agreementId)).toMatchObject([
        { ...other, acked: 2 },
        { owner: 'case-routing', filters: [], acked: 3 },
      ]),
    );
  });

  it('opens no case twice when everything is delivered again', async () => {
    const { datasetId, agreementId } = await supplied(records(7));
    await countIs(datasetId, 7);
    const before = await casesOf(datasetId);
    await eventually(() => expect(subscriptionsOf(agreementId)[0]?.acked).toBe(7));
    exchange.forgetCursors();
    await eventually(() => expect(subscriptionsOf(agreementId)[0]?.acked).toBe(7), 20_000);
    expect(await casesOf(datasetId)).toEqual(before);
    expect(await service.sent(CaseOpened, (data) => data.datasetId === datasetId)).toHaveLength(7);
    expect(subscriptionsOf(agreementId)).toHaveLength(1);
  });

  it('makes a bare case of an odd record and goes on behind it', async () => {
    const odd = [
      null,
      'text',
      [],
      { kind: 'No\0ise', lat: 'north', lon: 0.5 },
      { kind: 'x'.repeat(300), lat: 91, lon: 0 },
    ];
    const { datasetId } = await supplied([...odd, record(6)]);
    await countIs(datasetId, 6);
    const cases = await casesOf(datasetId);
    expect(cases.map(({ category, latitude }) => [category, latitude])).toEqual([
      ['uncategorised', null],
      ['uncategorised', null],
      ['uncategorised', null],
      ['Noise', null],
      ['x'.repeat(200), null],
      ['Noise', 0.5],
    ]);
  });

  it('opens and changes no case when a record is removed, and goes on behind it', async () => {
    const { datasetId, agreementId } = await supplied([record(1), new Removed({ id: 'key-1' }), record(2)]);
    await countIs(datasetId, 2);
    await eventually(() => expect(subscriptionsOf(agreementId)).toMatchObject([{ acked: 3 }]));
    expect((await casesOf(datasetId)).map(({ position }) => position)).toEqual([1, 3]);
  });

  it('waits while the exchange is away, says why, and goes on', async () => {
    const { datasetId, agreementId } = await supplied(records(1));
    await countIs(datasetId, 1);
    exchange.outage = { status: 503, body: { code: 'bus.busy' }, headers: { 'retry-after': '1' } };
    publish(agreementId, record(2));
    await eventually(async () => expect((await progressOf(agreementId))?.lastError).toBe('bus.busy'), 20_000);
    expect(await casesOf(datasetId)).toHaveLength(1);
    exchange.outage = undefined;
    await countIs(datasetId, 2);
    await eventually(async () => expect((await progressOf(agreementId))?.lastError).toBeNull());
  });

  it('keeps and acknowledges nothing of a page that it cannot write, until it can', async () => {
    const { datasetId, agreementId } = await supplied([]);
    await eventually(async () => expect((await progressOf(agreementId))?.cursor).toEqual(expect.any(String)));
    const ledger = exchange.ledgers.get(agreementId);
    if (!ledger) throw new Error('no ledger');
    ledger.datasetId = 'cases-of-others';
    publish(agreementId, record(1), record(2));
    await eventually(async () => expect((await progressOf(agreementId))?.lastError).toBe('failed'));
    expect(await casesOf(datasetId)).toEqual([]);
    expect(subscriptionsOf(agreementId)).toMatchObject([{ acked: 0 }]);
    ledger.datasetId = datasetId;
    await countIs(datasetId, 2);
    await eventually(() => expect(subscriptionsOf(agreementId)).toMatchObject([{ acked: 2 }]));
  });

  it('stops when the agreement is suspended and goes on where it was when it is in force again', async () => {
    const { datasetId, agreementId, agreement } = await supplied(records(2));
    await countIs(datasetId, 2);
    await change({ ...agreement, status: 'suspended', version: 2 });
    const { loops } = service.app.get(IntakeWorker) as unknown as { loops: Map<string, unknown> };
    // A turn that had asked before it was suspended may still draw: what comes now comes behind its end.
    await eventually(() => expect(loops.has(agreementId)).toBe(false));
    publish(agreementId, record(3));
    // An agreement that came later and is served shows that the loops run on; the suspended one stays where it is.
    const later = await supplied(records(1));
    await countIs(later.datasetId, 1);
    publish(later.agreementId, record(2));
    await countIs(later.datasetId, 2);
    publish(later.agreementId, record(3));
    await countIs(later.datasetId, 3);
    expect(await casesOf(datasetId)).toHaveLength(2);
    await change({ ...agreement, version: 3 });
    await countIs(datasetId, 3);
    expect(subscriptionsOf(agreementId)).toHaveLength(1);
  });

  it('draws nothing under an agreement of another department, purpose or period', async () => {
    const terms = (await supplied([])).agreement.terms;
    const refused = [
      await supplied(records(1), { consumerDepartment: police }),
      await supplied(records(1), { terms: { ...terms, purposes: ['statistics'] } }),
      await supplied(records(1), { terms: { ...terms, validTo: '2021-01-01T00:00:00Z' } }),
      await supplied(records(1), { terms: { ...terms, deliveryModes: ['webhook'] } }),
      await supplied(records(1), { status: 'approved' }),
    ];
    const allowed = await supplied(records(1));
    await countIs(allowed.datasetId, 1);
    for (const { agreementId } of refused) expect(subscriptionsOf(agreementId)).toEqual([]);
  });

  it('locates and dispatches cases as soon as cells and directory are there', async () => {
    const { gridId, datasetId } = await supplied([record(1), record(2, { lat: 50 }), record(3, { lat: '' })]);
    await countIs(datasetId, 3);
    expect((await casesOf(datasetId)).map((matter) => matter.status)).toEqual(['reported', 'reported', 'reported']);
    await service.cell(gridId, 'north', 0, 0);
    await eventually(async () =>
      expect((await casesOf(datasetId))[0]).toMatchObject({ status: 'located', cellId: 'north', version: 2 }),
    );
    const unitId = 'patrol-one';
    await service.app.get(Units).create({ unitId, departmentCode: police, names: { en: unitId } }, dispatcher);
    const entries = [{ category: '*', gridId, unitId, limitWorkingDays: 3 }];
    await service.app.get(Directory).replace({ entries }, undefined, dispatcher);
    await eventually(async () =>
      expect((await casesOf(datasetId))[0]).toMatchObject({ status: 'dispatched', unitId, version: 3 }),
    );
    const [first, outside, unplaced] = await casesOf(datasetId);
    expect(first?.dueAt?.getTime()).toBeGreaterThan(first?.dispatchedAt?.getTime() ?? Infinity);
    for (const waiting of [outside, unplaced]) expect(waiting).toMatchObject({ status: 'reported', cellId: null });
    const caseId = first?.caseId ?? '';
    const steps = await service.db.manager.find(CaseStep, { where: { caseId }, order: { version: 'ASC' } });
    expect(steps.map(({ version, status }) => [version, status])).toEqual([
      [1, 'reported'],
      [2, 'located'],
      [3, 'dispatched'],
    ]);
    const moved = await service.sent(CaseMoved, (data) => data.caseId === caseId);
    expect(moved).toMatchObject([
      { previousStatus: 'reported', status: 'located', cellId: 'north', version: 2 },
      { previousStatus: 'located', status: 'dispatched', unitId, version: 3 },
    ]);
  });
});

describe('two processes of case intake', () => {
  const processes: Service[] = [];
  afterEach(async () => {
    for (const one of processes.splice(0)) await one.stop();
  });

  /** One more process on the database of `peer`, with the credential that the double of the exchange knows. */
  async function oneMore(peer?: Service) {
    const started = await Service.start({
      EXCHANGE_URL: exchange.url,
      OIDC_ISSUER: `${exchange.url}/oidc`,
      CASE_ROUTING_KEY_FILE: service.app.get(AppConfig).CASE_ROUTING_KEY_FILE,
      ...(peer && { DATABASE_URL: peer.app.get(AppConfig).DATABASE_URL }),
    });
    processes.push(started);
    return started;
  }
  const acknowledgedOf = (agreementId: string) => {
    const ids = subscriptionsOf(agreementId).map(({ subscriptionId }) => subscriptionId);
    return exchange.acks.filter(({ subscriptionId }) => ids.includes(subscriptionId)).map(({ position }) => position);
  };
  const holder = async (peer: Service): Promise<number | undefined> => {
    const [row] = await peer.db.query<{ pid: number }[]>(
      `select pid from pg_locks where locktype = 'advisory' and objid = $1 and granted
          and database = (select oid from pg_database where datname = current_database())`,
      [intakeLock],
    );
    return row?.pid;
  };

  it('subscribe and draw once, and one goes on when the lock or the process is lost', async () => {
    const first = await oneMore();
    const second = await oneMore(first);
    const gridId = `grid-${randomUUID().slice(0, 8)}`;
    const sources = Array.from({ length: 5 }, () => ({ agreementId: randomUUID(), datasetId: '' }));
    for (const source of sources) {
      source.datasetId = await first.dataset(gridId);
      exchange.ledgers.set(source.agreementId, { datasetId: source.datasetId, records: records(2) });
    }
    for (const { agreementId, datasetId } of sources) await first.agreement(datasetId, { agreementId });
    const acknowledged = () => sources.map(({ agreementId }) => acknowledgedOf(agreementId));
    // A loop in the other process would acknowledge the page as well, at the latest after its longest pause.
    await eventually(() => expect(acknowledged().flat().length).toBeGreaterThanOrEqual(sources.length), 20_000);
    await pause(2_500);
    expect(acknowledged()).toEqual(sources.map(() => [2]));
    expect(sources.map(({ agreementId }) => subscriptionsOf(agreementId).length)).toEqual(sources.map(() => 1));

    const lost = await holder(first);
    expect(lost).toEqual(expect.any(Number));
    await first.db.query('select pg_terminate_backend($1)', [lost]);
    await eventually(async () => expect([undefined, lost]).not.toContain(await holder(first)), 20_000);
    for (const { agreementId } of sources) publish(agreementId, record(3));
    const ofThird = () => acknowledged().map((positions) => positions.filter((position) => position === 3));
    await eventually(() => expect(ofThird().flat().length).toBeGreaterThanOrEqual(sources.length), 20_000);
    await pause(2_500);
    expect(ofThird()).toEqual(sources.map(() => [3]));

    await first.stop();
    processes.splice(0, 1);
    for (const { agreementId } of sources) publish(agreementId, record(4));
    await eventually(async () => {
      const datasetIds = sources.map(({ datasetId }) => datasetId);
      expect(await second.db.manager.countBy(CaseRecord, { datasetId: In(datasetIds) })).toBe(4 * sources.length);
    }, 20_000);
    expect(sources.map(({ agreementId }) => subscriptionsOf(agreementId).length)).toEqual(sources.map(() => 1));
  }, 90_000);

  it('do not set the cursor back: a page that follows an older cursor is not written', async () => {
    const { agreementId, datasetId } = await supplied(records(2));
    await countIs(datasetId, 2);
    const written = await progressOf(agreementId);
    const late = { records: [], nextCursor: 'older', hasMore: false };
    const intake = service.app.get(IntakeRecords);
    const [source] = await intake.sources(agreementId);
    if (!source || !written) throw new Error('no intake');
    await expect(intake.write(source, { ...written, cursor: null }, late)).rejects.toThrow('another process');
    expect(await progressOf(agreementId)).toEqual(written);
  });
});
