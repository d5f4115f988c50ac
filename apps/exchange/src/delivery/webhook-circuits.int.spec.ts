import 'reflect-metadata';
import { eventually } from '@govbus/testing';
import { event, type Exchange, provider, stranger } from '../exchange.int.spec';
import { Hooks } from './hooks.int.spec';

let hooks: Hooks;
let exchange: Exchange;

beforeAll(async () => {
  hooks = await Hooks.start();
  ({ exchange } = hooks);
}, 60_000);
afterAll(() => hooks.stop());

/** Attempts that wait for their time may begin now. */
const hurry = (id: string) =>
  exchange.db.query('UPDATE subscriptions SET next_attempt_at = NULL WHERE subscription_id = $1', [id]);
/** The time of the circuits of an address is over. */
const expire = (url: string) =>
  exchange.db.query('UPDATE endpoint_circuits SET open_until = now() WHERE url = $1', [url]);
/** As if an endpoint had failed four times. */
const nearlyOpen = (department: string, url: string) =>
  exchange.db.query('INSERT INTO endpoint_circuits VALUES ($1, $2, 4, 0)', [department, url]);

async function sharing(settings: object = {}) {
  const first = await hooks.hooked(settings);
  const { url } = first.receiver;
  const { datasetId } = await exchange.dataset();
  const second = await hooks.hook(await exchange.agreement(datasetId), { ...settings, url });
  const { consumer_department: department } = (
    await exchange.db.query<[{ consumer_department: string }]>(
      'SELECT consumer_department FROM subscriptions WHERE subscription_id = $1',
      [first.id],
    )
  )[0];
  return { ...first, url, department, other: { datasetId, id: second.id } };
}

describe('the circuit of an endpoint', () => {
  it('opens after five failures in a row, for each subscription that goes there', async () => {
    const { datasetId, receiver, id, other } = await sharing();
    receiver.answer = { status: 500 };
    await hooks.publish(datasetId, '1');
    const circuitUntil = expect.any(String) as string;
    await eventually(async () => {
      await hurry(id);
      expect(await hooks.view(id)).toMatchObject({ attempts: 5, webhook: { circuit: 'open', circuitUntil } });
    });
    // After the fifth, not before.
    expect(receiver.received).toHaveLength(5);
    // However long the rest takes.
    await exchange.db.query(`UPDATE endpoint_circuits SET open_until = now() + interval '1 hour' WHERE url = $1`, [
      receiver.url,
    ]);
    await hooks.shows(other.id, { attempts: 0, webhook: { circuit: 'open' } });
    await hooks.publish(other.datasetId, '1');
    await hurry(id);
    // Another endpoint shows that the worker has come by since, and is not delayed.
    const elsewhere = await hooks.hooked();
    await hooks.publish(elsewhere.datasetId, '1');
    await hooks.shows(elsewhere.id, { delivered: 1, webhook: { circuit: 'closed' } });
    expect(receiver.received).toHaveLength(5);
  });

  it('lets one attempt through when the time is over, and closes when that succeeds', async () => {
    const { datasetId, receiver, id, url, department, other } = await sharing();
    await nearlyOpen(department, url);
    receiver.answer = { status: 500 };
    await hooks.publish(datasetId, '1');
    await hooks.shows(id, { webhook: { circuit: 'open' } });
    receiver.answer = { status: 204 };
    receiver.isHolding = true;
    await hooks.publish(other.datasetId, '1');
    await exchange.ledgerAt(other.datasetId, 1);
    await hurry(id);
    await expire(url);
    await eventually(() => expect(receiver.received).toHaveLength(2));
    await eventually(async () => expect(webhookOf(await hooks.view(id)).circuit).toBe('half-open'));
    const elsewhere = await hooks.hooked();
    await hooks.publish(elsewhere.datasetId, '1');
    await hooks.shows(elsewhere.id, { delivered: 1 });
    expect(receiver.received).toHaveLength(2);
    receiver.release();
    await hooks.shows(id, { delivered: 1, webhook: { circuit: 'closed' } });
    await hooks.shows(other.id, { delivered: 1, webhook: { circuit: 'closed' } });
    expect(await exchange.db.query('SELECT * FROM endpoint_circuits WHERE url = $1', [url])).toEqual([]);
  });

  it.each(['dataset', 'key'])('lets another through when one had nothing to send, in the order `%s`', async (order) => {
    const { datasetId, id, url, department, other } = await sharing({ order });
    await exchange.db.query(`INSERT INTO endpoint_circuits VALUES ($1, $2, 5, 1, now() + interval '1 hour')`, [
      department,
      url,
    ]);
    const later = `UPDATE subscriptions SET next_attempt_at = now() + interval '1 hour' WHERE subscription_id = $1`;
    await exchange.db.query(later, [other.id]);
    await hooks.publish(datasetId, '1', { area: 'south' });
    await hooks.publish(other.datasetId, '1');
    await exchange.ledgerAt(datasetId, 1);
    await exchange.ledgerAt(other.datasetId, 1);
    await expire(url);
    await hooks.shows(id, { ackedPosition: 1, delivered: 0, webhook: { circuit: 'half-open' } });
    await hurry(other.id);
    await hooks.shows(other.id, { delivered: 1, webhook: { circuit: 'closed' } });
  });

  it('stays open for longer when that fails', async () => {
    const { datasetId, receiver, id, url, department } = await sharing();
    await nearlyOpen(department, url);
    receiver.answer = { status: 500 };
    await hooks.publish(datasetId, '1');
    await hooks.shows(id, { webhook: { circuit: 'open' } });
    const openFor = async (): Promise<number> =>
      Number(
        (
          await exchange.db.query<[{ seconds: number }]>(
            'SELECT extract(epoch FROM open_until - now())::float AS seconds FROM endpoint_circuits WHERE url = $1',
            [url],
          )
        )[0].seconds,
      );
    expect(await openFor()).toBeLessThanOrEqual(10);
    await expire(url);
    await hurry(id);
    await eventually(() => expect(receiver.received).toHaveLength(2));
    await hooks.shows(id, { webhook: { circuit: 'open' } });
    expect(await openFor()).toBeGreaterThan(10);
  });

  it('opens at once for as long as Retry-After says', async () => {
    const { datasetId, receiver, id, other } = await sharing();
    receiver.answer = { status: 429, headers: { 'retry-after': '1800' } };
    await hooks.publish(datasetId, '1');
    await hooks.shows(other.id, { webhook: { circuit: 'open' } });
    const { circuitUntil } = webhookOf(await hooks.view(id));
    expect(Date.parse(circuitUntil)).toBeGreaterThan(Date.now() + 1_200_000);
  });

  it('is not touched by answers that dislike an event, and those close it', async () => {
    const { datasetId, receiver, id, url, department } = await sharing();
    await nearlyOpen(department, url);
    receiver.answer = { status: 422 };
    await hooks.publish(datasetId, '1');
    await hooks.shows(id, { lastError: 'the receiver answered 422', webhook: { circuit: 'closed' } });
    expect(await exchange.db.query('SELECT * FROM endpoint_circuits WHERE url = $1', [url])).toEqual([]);
  });

  it('of one department says nothing about another', async () => {
    const { receiver, url } = await sharing();
    const { datasetId } = await exchange.dataset();
    const outsider = await exchange.system(stranger, ['events:read']);
    const agreement = await exchange.agreement(datasetId, {
      consumerDepartment: stranger,
      providerDepartment: provider,
    });
    await hooks.hook(agreement, { url }, outsider);
    await exchange.db.query(`INSERT INTO endpoint_circuits VALUES ('another', $1, 9, 3, now() + interval '1 hour')`, [
      url,
    ]);
    await exchange.publish(hooks.publisher, event(datasetId, '1'));
    await eventually(() => expect(receiver.ids).toEqual(['1']));
  });

  it('does not keep back what a person redrives, and closes when that arrives', async () => {
    const { datasetId, receiver, id, url, department } = await sharing({ maxAttempts: 1 });
    await nearlyOpen(department, url);
    receiver.answer = { status: 500 };
    await hooks.publish(datasetId, '1');
    await hooks.shows(id, { webhook: { circuit: 'open', deadLetters: 1 } });
    receiver.answer = { status: 204 };
    const { body } = await exchange.call('GET', `/v1/subscriptions/${id}/dead-letters`, hooks.reader);
    const [{ deadLetterId }] = body.items as [{ deadLetterId: string }];
    expect((await hooks.at(id, `dead-letters/${deadLetterId}/redrive`)).body).toEqual({ delivered: true });
    await hooks.shows(id, { delivered: 1, webhook: { circuit: 'closed', deadLetters: 0 } });
  });

  it('is forgotten with the last subscription that goes there', async () => {
    const { id, url, department, other } = await sharing();
    await nearlyOpen(department, url);
    const circuits = () => exchange.db.query<unknown[]>('SELECT * FROM endpoint_circuits WHERE url = $1', [url]);
    await exchange.call('DELETE', `/v1/subscriptions/${id}`, hooks.reader);
    expect(await circuits()).toHaveLength(1);
    await exchange.call('DELETE', `/v1/subscriptions/${other.id}`, hooks.reader);
    expect(await circuits()).toHaveLength(0);
  });
});

const webhookOf = (view: Record<string, unknown>) => view.webhook as { circuit: string; circuitUntil: string };
