import 'reflect-metadata';
import { eventually } from '@govbus/testing';
import { type Caller, consumer, event, Exchange, stranger } from '../exchange.int.spec';
import { InboxIntake } from '../ingest/inbox-intake';
import { conflictsSql } from './ledger.service';
import { LedgerWorker } from './ledger.worker';

let exchange: Exchange;
let publisher: Caller;
let reader: Caller;

beforeAll(async () => void ({ exchange, publisher, reader } = await Exchange.withParties()), 60_000);
afterAll(() => exchange.stop());

const statusOf = async (datasetId: string, id: string, caller = publisher) => {
  const at = `/v1/events/status?source=${encodeURIComponent(`/tests/${datasetId}`)}&id=${id}`;
  return (await exchange.call('GET', at, caller)).body;
};

/** A dataset with events of these areas, and an agreement over those of the north. */
async function filled(...areas: string[]) {
  const { datasetId } = await exchange.dataset();
  const agreement = await exchange.agreement(datasetId);
  await exchange.publishBatch(
    publisher,
    areas.map((area, i) => event(datasetId, String(i + 1), { area })),
  );
  await exchange.ledgerAt(datasetId, areas.length);
  const order = { agreementId: agreement.agreementId, purpose: 'case-handling', mode: 'pull', startFrom: 'beginning' };
  const { body } = await exchange.call('POST', '/v1/subscriptions', reader, order);
  const id = String(body.subscriptionId);
  const pull = () => exchange.call('GET', `/v1/subscriptions/${id}/events`, reader);
  const ack = (cursor: unknown) => exchange.call('POST', `/v1/subscriptions/${id}/ack`, reader, { cursor });
  return { datasetId, agreement, subscriptionId: id, pull, ack };
}

describe('the status of an event', () => {
  it('is accepted until the ledger has it, then stored, and unknown to other departments', async () => {
    const { datasetId } = await exchange.dataset();
    const outsider = await exchange.system(stranger, ['events:publish']);
    expect(await statusOf(datasetId, '1')).toEqual({ status: 'unknown' });
    await exchange.app.get(LedgerWorker).stop();
    await exchange.publish(publisher, event(datasetId, '1'));
    await exchange.publishBatch(publisher, [event(datasetId, '2')]);
    for (const id of ['1', '2'])
      expect(await statusOf(datasetId, id)).toEqual({
        status: 'accepted',
        datasetId,
        recordedAt: expect.any(String) as string,
      });
    expect(await statusOf(datasetId, '1', outsider)).toEqual({ status: 'unknown' });
    await exchange.app.get(LedgerWorker).start();
    await exchange.ledgerAt(datasetId, 2);
    expect(await statusOf(datasetId, '2')).toMatchObject({
      status: 'stored',
      position: 2,
      deliveries: [],
      isComplete: true,
    });
    expect(await statusOf(datasetId, '1', outsider)).toEqual({ status: 'unknown' });
  });

  it('is that too of one that came through Kafka alone', async () => {
    const { datasetId } = await exchange.dataset();
    const message = {
      ...{ key: null, value: Buffer.from(JSON.stringify(event(datasetId, 'by-kafka'))), timestamp: 0, offset: 0n },
      headers: [['content-type', Buffer.from('application/cloudevents+json')] as [string, Buffer]],
    };
    const take = () => exchange.app.get(InboxIntake).take(`inbox.${publisher.id}`, 0, [message]);
    await exchange.app.get(LedgerWorker).stop();
    await take();
    const recordedAt = expect.any(String) as string;
    expect(await statusOf(datasetId, 'by-kafka')).toEqual({ status: 'accepted', datasetId, recordedAt });
    await exchange.app.get(LedgerWorker).start();
    await exchange.ledgerAt(datasetId, 1);
    expect(await statusOf(datasetId, 'by-kafka')).toMatchObject({ status: 'stored', position: 1, duplicates: 0 });
    // As it does when its offset was not committed.
    await take();
    await eventually(async () =>
      expect(await statusOf(datasetId, 'by-kafka')).toMatchObject({ status: 'stored', position: 1, duplicates: 1 }),
    );
  });

  it('counts how often it came again, within a batch and later, also beside a conflict', async () => {
    const { datasetId } = await exchange.dataset();
    const again = event(datasetId, 'again');
    await exchange.publishBatch(publisher, [again, event(datasetId, 'once'), again]);
    await exchange.publish(publisher, again);
    await exchange.publishBatch(publisher, [again, event(datasetId, 'last')]);
    await exchange.ledgerAt(datasetId, 3);
    const counted = { position: 1, duplicates: 3, lastDuplicateAt: expect.any(String) as string };
    expect(await statusOf(datasetId, 'again')).toMatchObject({ ...counted, status: 'stored' });
    const { recordedAt, lastDuplicateAt } = await statusOf(datasetId, 'again');
    expect(Date.parse(String(lastDuplicateAt))).toBeGreaterThanOrEqual(Date.parse(String(recordedAt)));
    const once = await statusOf(datasetId, 'once');
    expect(once).toMatchObject({ status: 'stored', duplicates: 0 });
    expect(once).not.toHaveProperty('lastDuplicateAt');
    await exchange.publishBatch(publisher, [
      event(datasetId, 'again', { area: 'elsewhere' }),
      event(datasetId, 'after'),
    ]);
    await exchange.ledgerAt(datasetId, 4);
    expect(await statusOf(datasetId, 'again')).toMatchObject({ ...counted, status: 'conflict' });
  });

  it('tells to whom it went, and not of disclosures around it that its row was kept from', async () => {
    const { datasetId, agreement, subscriptionId, pull, ack } = await filled('north', 'south', 'north');
    const { body } = await pull();
    const told = {
      disclosureId: body.disclosureId,
      disclosedAt: expect.any(String) as string,
      consumerDepartment: consumer,
      agreementId: agreement.agreementId,
      agreementVersion: 1,
      subscriptionId,
      purpose: 'case-handling',
      mode: 'pull',
      record: 'included',
      isDone: false,
    };
    expect(body.disclosureId).toEqual(expect.any(String));
    expect((await statusOf(datasetId, '1')).deliveries).toEqual([told]);
    expect((await statusOf(datasetId, '2')).deliveries).toEqual([]);
    expect((await statusOf(datasetId, '3')).deliveries).toEqual([told]);
    await ack(body.nextCursor);
    expect((await statusOf(datasetId, '3')).deliveries).toEqual([{ ...told, isDone: true }]);
  });

  it('asks the lens of each subscription anew, and the expiry of each disclosure', async () => {
    const { datasetId, agreement, subscriptionId, pull } = await filled('north', 'south', 'north');
    const order = {
      agreementId: agreement.agreementId,
      purpose: 'case-handling',
      mode: 'pull',
      startFrom: 'beginning',
    };
    const filters = [{ exact: { id: '3' } }];
    const { body } = await exchange.call('POST', '/v1/subscriptions', reader, { ...order, filters });
    await pull();
    // The first subscription had it before and after it expired; the other, which does not want it, showed others.
    await exchange.db.query(
      `INSERT INTO disclosures (disclosure_id, agreement_id, agreement_version, subscription_id, purpose, mode, principal,
                                first_position, last_position, records, disclosed_at)
       SELECT gen_random_uuid(), $1, 1, id, 'case-handling', 'pull', 'p', 1, 3, 2, now() + minutes * interval '1 minute'
         FROM unnest($2::uuid[]) id CROSS JOIN unnest(ARRAY[1, 2, 30, 40]) minutes`,
      [agreement.agreementId, [subscriptionId, body.subscriptionId]],
    );
    const expirytime = new Date(Date.now() + 10 * 60_000).toISOString();
    await exchange.db.query(
      `UPDATE events SET attributes = (attributes::jsonb || jsonb_build_object('expirytime', $2::text))::text
        WHERE dataset_id = $1 AND position = 1`,
      [datasetId, expirytime],
    );
    const told = (await statusOf(datasetId, '1')).deliveries as { subscriptionId: string; disclosedAt: string }[];
    expect(told.map((one) => one.subscriptionId)).toEqual([subscriptionId, subscriptionId, subscriptionId]);
    expect(told.every(({ disclosedAt }) => disclosedAt < expirytime)).toBe(true);
  });

  it('says `possible` where the terms are no longer those of then', async () => {
    const { datasetId, agreement, pull } = await filled('north', 'south', 'north');
    await pull();
    await exchange.change({ ...agreement, terms: { ...agreement.terms, rowFilter: undefined }, version: 2 });
    for (const id of ['1', '2'])
      expect((await statusOf(datasetId, id)).deliveries).toMatchObject([{ record: 'possible', agreementVersion: 1 }]);
    // A page in which nothing was left out needs no terms.
    const whole = await filled('north', 'north');
    await whole.pull();
    await exchange.change({ ...whole.agreement, version: 2 });
    expect((await statusOf(whole.datasetId, '2')).deliveries).toMatchObject([{ record: 'included' }]);
  });

  it('says so when there may be more deliveries than it tells', async () => {
    const { datasetId, agreement, pull } = await filled('north');
    await pull();
    await exchange.db.query(
      `INSERT INTO disclosures (disclosure_id, agreement_id, agreement_version, purpose, mode, principal, first_position,
                                last_position, records, disclosed_at)
       SELECT gen_random_uuid(), $1, 1, 'case-handling', 'query', 'p', 1, 1, 1, now() FROM generate_series(1, 200)`,
      [agreement.agreementId],
    );
    const { deliveries, isComplete } = await statusOf(datasetId, '1');
    expect(deliveries).toHaveLength(200);
    expect(isComplete).toBe(false);
  });

  it('says so when it did not look at all that may cover the event', async () => {
    const { datasetId } = await filled('north');
    const agreements = await exchange.db.query<{ id: string }[]>(
      `INSERT INTO agreements (agreement_id, dataset_id, provider_department, consumer_department, status, terms, version)
       SELECT gen_random_uuid(), dataset_id, provider_department, $2, status, terms, version
         FROM agreements CROSS JOIN generate_series(1, 199) WHERE dataset_id = $1 RETURNING agreement_id AS id`,
      [datasetId, consumer],
    );
    const disclose = (first: string, last: string, count: number) =>
      exchange.db.query(
        `INSERT INTO disclosures (disclosure_id, agreement_id, agreement_version, purpose, mode, principal,
                                  first_position, last_position, records, disclosed_at)
         SELECT gen_random_uuid(), $1, 1, 'case-handling', 'query', 'p', ${first}, ${last}, 1, now()
           FROM generate_series(1, ${count}) i`,
        [agreements[0]?.id],
      );
    // What ends later may have begun before the event.
    await disclose('1', '1000', 1);
    await disclose('1 + i', '1 + i', 49);
    expect(await statusOf(datasetId, '1')).toMatchObject({ deliveries: [{ record: 'possible' }], isComplete: true });
    await disclose('51', '51', 1);
    expect(await statusOf(datasetId, '1')).toMatchObject({ deliveries: [], isComplete: false });
  });

  it('tells of everyone before it tells again of one', async () => {
    const { datasetId, agreement, pull } = await filled('north');
    await pull();
    const frequent = [1, 2].map(() => exchange.agreement(datasetId, { consumerDepartment: stranger }));
    for (const { agreementId } of await Promise.all(frequent))
      await exchange.db.query(
        `INSERT INTO disclosures (disclosure_id, agreement_id, agreement_version, purpose, mode, principal,
                                  first_position, last_position, records, disclosed_at)
         SELECT gen_random_uuid(), $1, 1, 'case-handling', 'query', 'p', 1, 1, 1, now() - i * interval '1 minute'
           FROM generate_series(1, 150) i`,
        [agreementId],
      );
    const { deliveries, isComplete } = await statusOf(datasetId, '1');
    expect(isComplete).toBe(false);
    const told = deliveries as { agreementId: string; disclosedAt: string }[];
    expect(told).toHaveLength(200);
    expect(told.at(-1)?.agreementId).toBe(agreement.agreementId);
    const times = told.map(({ disclosedAt }) => disclosedAt);
    expect(times).toEqual(times.toSorted());
  });

  it('says so too when the event is so old that disclosures of it may have been removed', async () => {
    const { datasetId, pull } = await filled('north');
    await pull();
    for (const [days, isComplete] of [
      [399, true],
      [401, false],
    ] as const) {
      const at = `now() - ${days} * interval '24 hours'`;
      await exchange.db.query(`UPDATE events SET recorded_at = ${at} WHERE dataset_id = $1`, [datasetId]);
      expect(await statusOf(datasetId, '1')).toMatchObject({ isComplete, deliveries: [{ record: 'included' }] });
    }
  });
});

it('is of the own department, however often others publish under its source and id', async () => {
  const { datasetId } = await exchange.dataset();
  await exchange.publishBatch(publisher, [event(datasetId, 'mine'), event(datasetId, 'mine', { area: 'elsewhere' })]);
  const [outsider, other] = [
    await exchange.system(stranger, ['events:publish']),
    await exchange.dataset({ responsibleDepartment: stranger }),
  ];
  const alike = (i: number) => ({
    ...event(datasetId, 'mine', { area: `area-${i}` }),
    dataset: other.datasetId,
  });
  const flood = Array.from({ length: 201 }, (_, i) => alike(i));
  await exchange.ledgerAt(datasetId, 1);
  expect(await exchange.publishBatch(outsider, flood)).toMatchObject({ body: { accepted: 201 } });
  await exchange.ledgerAt(other.datasetId, 1);
  expect(await statusOf(datasetId, 'mine')).toMatchObject({ status: 'conflict', datasetId, position: 1 });
  expect(await statusOf(datasetId, 'mine', outsider)).toMatchObject({ datasetId: other.datasetId, status: 'conflict' });
  // The same in as many datasets.
  const copies = `FROM generate_series(1, 200) i CROSS JOIN`;
  await exchange.db.query(`INSERT INTO ledger_periods SELECT 'other-' || i, period, 1 ${copies} ledger_periods
                            WHERE dataset_id = '${other.datasetId}'`);
  await exchange.db.query(
    `INSERT INTO events SELECT (jsonb_populate_record(event, jsonb_build_object('dataset_id', 'other-' || i))).*
       ${copies} events event WHERE dataset_id = $1`,
    [other.datasetId],
  );
  await exchange.db.query(
    `INSERT INTO event_ids SELECT source, event_id, 'other-' || i, position, digest
       ${copies} event_ids WHERE dataset_id = $1`,
    [other.datasetId],
  );
  expect(await statusOf(datasetId, 'mine')).toMatchObject({ status: 'conflict', datasetId, position: 1 });

  await exchange.db.query(
    `INSERT INTO event_conflicts (source, event_id, digest, dataset_id, publisher, recorded_at, attributes, data)
     SELECT source, event_id, i::text, dataset_id, publisher, recorded_at, attributes, data
       FROM generate_series(1, 5000) i CROSS JOIN (SELECT * FROM event_conflicts WHERE dataset_id = $1 LIMIT 1) one`,
    [other.datasetId],
  );
  await exchange.db.query('ANALYZE event_conflicts');
  const asked = [`/tests/${datasetId}`, 'mine', null, publisher.id, publisher.department];
  const plan = JSON.stringify(await exchange.db.query(`EXPLAIN ${conflictsSql}`, asked));
  expect(plan).toMatch(/Index Scan Backward using event_conflicts_by_publisher .*\(publisher = /);
});

it('lets a department that asks without a pause wait alone, and not for ever', async () => {
  const { datasetId } = await exchange.dataset();
  const at = `/v1/events/status?source=${encodeURIComponent(`/tests/${datasetId}`)}&id=1`;
  const asked = await exchange.db.transaction(async (tx) => {
    // Each question waits until this is over, and holds its connection.
    await tx.query('LOCK TABLE event_ids');
    const flood = Array.from({ length: 36 }, () => exchange.call('GET', at, publisher));
    const refused = await Promise.race(flood);
    expect(refused).toMatchObject({ status: 503, body: { code: 'delivery.busy' }, headers: { 'retry-after': '1' } });
    expect(await exchange.call('GET', '/v1/subscriptions', reader)).toMatchObject({ status: 200 });
    return flood;
  });
  const statuses = (await Promise.all(asked)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(35);
});
