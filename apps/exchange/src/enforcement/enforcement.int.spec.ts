import 'reflect-metadata';
import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AgreementRecordV1, DeliveredEvent, TermsV1 } from '@govbus/contracts';
import { type Caller, event, Exchange, marker } from '../exchange.int.spec';
import { terms } from './two-exchanges.int.spec';

let exchange: Exchange;
let publisher: Caller;
let reader: Caller;

beforeAll(async () => void ({ exchange, publisher, reader } = await Exchange.withParties()), 60_000);
afterAll(() => exchange.stop());

async function agreed(over: Partial<TermsV1>, events: object[] = [{}]) {
  const { datasetId } = await exchange.dataset();
  const agreement = await exchange.agreement(datasetId, { terms: terms(over) });
  await exchange.publishBatch(
    publisher,
    events.map((data, i) => event(datasetId, String(i + 1), data)),
  );
  await exchange.ledgerAt(datasetId, events.length);
  return { datasetId, agreement };
}
const subscribe = ({ agreementId }: AgreementRecordV1, over: object = {}) =>
  exchange.call('POST', '/v1/subscriptions', reader, {
    agreementId,
    purpose: 'case-handling',
    mode: 'pull',
    startFrom: 'beginning',
    ...over,
  });
const query = ({ agreementId }: AgreementRecordV1, over: object = {}) =>
  exchange.call('POST', '/v1/queries', reader, { agreementId, purpose: 'case-handling', key: 'key-1', ...over });
const pull = (id: unknown, search = '') =>
  exchange.call('GET', `/v1/subscriptions/${String(id)}/events${search}`, reader);
const eventsIn = (body: Record<string, unknown>) => body.events as DeliveredEvent[];
const idsIn = (body: Record<string, unknown>) => eventsIn(body).map(({ id }) => id);
const alarmsIn = async (datasetId: string) =>
  (await exchange.entries(datasetId)).filter(({ operation }) => operation === 'agreements:over-scope');
const disclosuresOf = async (datasetId: string) =>
  (await exchange.entries(datasetId)).filter(({ action }) => action === 'disclose');

describe('a case, where the agreement demands one', () => {
  const noCase = { code: 'agreement.case-required', attribute: 'agreement.terms.caseRequired' };

  it('is named by each use, and stands in the record of each disclosure', async () => {
    const { datasetId, agreement } = await agreed({ caseRequired: true });
    const caseReference = 'CASE-2026/0042';
    const { status, body } = await subscribe(agreement, { caseReference });
    expect({ status, body }).toMatchObject({ status: 201, body: { caseReference } });
    expect(idsIn((await pull(body.subscriptionId)).body)).toEqual(['1']);
    expect((await query(agreement, { caseReference: 'CASE-7' })).status).toBe(200);
    const named = (await disclosuresOf(datasetId)).map((entry) => entry.caseReference);
    expect(named.sort()).toEqual([caseReference, 'CASE-7']);
    const made = (await exchange.entries(datasetId)).find(({ operation }) => operation === 'subscriptions:create');
    expect(made).toMatchObject({ caseReference });
  });

  it('is asked for with an explanation, and nothing is disclosed without it', async () => {
    const { datasetId, agreement } = await agreed({ caseRequired: true });
    for (const answer of [await subscribe(agreement), await query(agreement)]) {
      expect(answer).toMatchObject({ status: 403, body: { code: 'decision.denied', explanation: noCase } });
      expect(answer.body.detail).toContain('caseReference');
    }
    expect(await disclosuresOf(datasetId)).toEqual([]);
  });

  it('is asked for at the next page when the terms begin to demand it', async () => {
    const { agreement } = await agreed({}, [{}, {}]);
    const { body } = await subscribe(agreement);
    expect((await pull(body.subscriptionId, '?limit=1')).status).toBe(200);
    await exchange.change({ ...agreement, terms: terms({ caseRequired: true }), version: 2 });
    expect(await pull(body.subscriptionId)).toMatchObject({ status: 403, body: { explanation: noCase } });
  });

  it.each(['', ' ', 'a b', '<script>', 'x'.repeat(81)])('is a reference and no text: not %j', async (caseReference) => {
    const { agreement } = await agreed({ caseRequired: true });
    for (const answer of [await subscribe(agreement, { caseReference }), await query(agreement, { caseReference })])
      expect(answer).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
  });
});

describe('the area of an agreement', () => {
  const area = { field: '/area', codes: ['370215000000', '370203000000'] };
  const records = [
    ...['370215002001', '370203000000', '370211001000', '370200000000', '370215', 'north', '370215003000'],
  ].map((code) => ({ area: code }));

  it('lets nothing through but its own records, and does not show the field', async () => {
    const { datasetId, agreement } = await agreed({ area }, records);
    const { body } = await subscribe(agreement);
    const page = await pull(body.subscriptionId);
    expect(idsIn(page.body)).toEqual(['1', '2', '7']);
    expect(JSON.stringify(page.body)).not.toContain('3702');
    const answers = await Promise.all(['key-1', 'key-3', 'key-5'].map((key) => query(agreement, { key })));
    expect(answers.map((answer) => eventsIn(answer.body).length)).toEqual([1, 0, 0]);
    expect((await disclosuresOf(datasetId)).map((entry) => entry.records).sort()).toEqual([0, 0, 1, 3]);
  });

  it('may be narrowed by a subscription of a lower level, which gets its own area and nothing else', async () => {
    const { datasetId, agreement } = await agreed({ area, onOverScope: 'suspend' }, records);
    const { status, body } = await subscribe(agreement, { areaCode: '370215002000' });
    expect({ status, body }).toMatchObject({ status: 201, body: { areaCode: '370215002000' } });
    expect(idsIn((await pull(body.subscriptionId)).body)).toEqual(['1']);
    // Other terms, under which the area is no longer agreed: it never becomes more.
    const elsewhere = terms({ area: { field: '/area', codes: ['370203000000'] }, onOverScope: 'suspend' });
    await exchange.change({ ...agreement, terms: elsewhere, version: 2 });
    expect((await pull(body.subscriptionId)).body).toMatchObject({ events: [], hasMore: false });
    await exchange.change({ ...agreement, terms: terms(), version: 3 });
    expect((await pull(body.subscriptionId)).body).toMatchObject({ events: [], hasMore: false });
    // It asked for nothing beyond what was agreed then.
    expect(await alarmsIn(datasetId)).toEqual([]);
  });

  it('is never widened, nor asked of a field that is no area', async () => {
    const { datasetId, agreement } = await agreed({ area }, records);
    for (const areaCode of ['370200000000', '370000000000', '370211000000'])
      expect(await subscribe(agreement, { areaCode })).toMatchObject({
        status: 409,
        body: { code: 'agreement.other-area' },
      });
    expect(await alarmsIn(datasetId)).toMatchObject([{ code: 'agreement.other-area', outcome: 'denied' }]);
    for (const areaCode of ['370215', '37021500000x', ''])
      expect((await subscribe(agreement, { areaCode })).status).toBe(400);
    const { datasetId: unbound, agreement: open } = await agreed({}, records);
    expect(await subscribe(open, { areaCode: '370215000000' })).toMatchObject({
      status: 409,
      body: { code: 'agreement.no-area' },
    });
    expect(await alarmsIn(unbound)).toEqual([]);
  });
});

describe('each page', () => {
  it('is decided anew and read under the terms of that moment', async () => {
    const { datasetId, agreement } = await agreed({}, [{}, {}, {}]);
    const { body } = await subscribe(agreement);
    const next = async (limit = 1) => {
      const page = await pull(body.subscriptionId, `?limit=${limit}`);
      const cursor = page.body.nextCursor;
      if (cursor)
        await exchange.call('POST', `/v1/subscriptions/${String(body.subscriptionId)}/ack`, reader, { cursor });
      return page;
    };
    expect(Object.keys(eventsIn((await next()).body)[0]?.data as object)).toEqual(['key', 'name']);
    await exchange.change({ ...agreement, terms: terms({ fields: ['/key'], masks: [] }), version: 2 });
    expect(eventsIn((await next()).body)[0]).toMatchObject({ id: '2', data: { key: 'key-2' } });
    await exchange.change({ ...agreement, terms: terms({ purposes: ['statistics'] }), version: 3 });
    expect(await next()).toMatchObject({ status: 403, body: { explanation: { code: 'agreement.purpose' } } });
    const versions = (await disclosuresOf(datasetId)).map(({ agreementVersion }) => agreementVersion);
    expect(versions.sort()).toEqual([1, 2]);
  });

  it.each<[string, Partial<TermsV1>, string, string]>([
    ['purpose', { purposes: ['statistics'] }, 'agreement.purpose', 'purposes'],
    ['way of delivery', { deliveryModes: ['query'] }, 'agreement.delivery-mode', 'deliveryModes'],
    ['beginning', { validFrom: '2098-01-01T00:00:00Z' }, 'agreement.not-started', 'validFrom'],
    ['end', { validTo: '2021-01-01T00:00:00Z' }, 'agreement.expired', 'validTo'],
  ])('explains a denial for its %s', async (_, over, code, attribute) => {
    const { agreement } = await agreed({});
    const { body } = await subscribe(agreement);
    await exchange.change({ ...agreement, terms: terms(over), version: 2 });
    const { status, body: problem } = await pull(body.subscriptionId);
    expect(status).toBe(403);
    expect(problem.explanation).toMatchObject({ code, attribute: `agreement.terms.${attribute}` });
    expect((problem.explanation as { detail: string }).detail).toBe(problem.detail);
  });
});

it('names data subjects by a keyed hash that nobody can make without the key', async () => {
  const { datasetId, agreement } = await agreed({}, [{ phone: `${marker}-a` }, { phone: `${marker}-b` }]);
  const { body } = await subscribe(agreement);
  await pull(body.subscriptionId);
  const key = Buffer.from(readFileSync(exchange.config.SUBJECT_KEY_FILE, 'utf8'), 'base64');
  const subjects = [`${datasetId}|${marker}-a`, `${datasetId}|${marker}-b`];
  const keyed = subjects.map((text) => createHmac('sha256', key).update(text).digest('base64url').slice(0, 22));
  const plain = subjects.map((text) => createHash('sha256').update(text).digest('base64url').slice(0, 22));
  const [entry] = await disclosuresOf(datasetId);
  expect(entry?.subjectKeys).toEqual(keyed);
  expect(JSON.stringify(entry)).not.toContain(marker);
  for (const hash of plain) expect(JSON.stringify(entry)).not.toContain(hash);
});
