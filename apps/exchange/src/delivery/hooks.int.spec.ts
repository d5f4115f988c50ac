import 'reflect-metadata';
import type { AgreementRecordV1 } from '@govbus/contracts';
import { eventually } from '@govbus/testing';
import type { AppConfig } from '../app.config';
import { type Caller, consumer, event, Exchange, provider } from '../exchange.int.spec';
import { Receiver } from './receiver.int.spec';

export type Hook = { receiver: Receiver; id: string; secret: string };

/** One exchange with a publisher, a reader and as many receivers of webhooks as a spec asks for. */
export class Hooks {
  private readonly receivers: Receiver[] = [];
  private constructor(
    readonly exchange: Exchange,
    readonly publisher: Caller,
    readonly reader: Caller,
  ) {}

  static async start(over: Partial<AppConfig> = {}): Promise<Hooks> {
    const exchange = await Exchange.start(over);
    const publisher = await exchange.system(provider, ['events:publish']);
    return new Hooks(exchange, publisher, await exchange.system(consumer, ['events:read']));
  }

  async stop(): Promise<void> {
    this.receivers.forEach((receiver) => receiver.stop());
    await this.exchange.stop();
  }

  async receiver(): Promise<Receiver> {
    const receiver = await Receiver.start();
    this.receivers.push(receiver);
    return receiver;
  }

  /** A subscription of an agreement, from the beginning, to a receiver of its own unless the settings name another. */
  async hook({ agreementId }: AgreementRecordV1, settings: object = {}, caller = this.reader): Promise<Hook> {
    const receiver = await this.receiver();
    const webhook = { url: receiver.url, ...settings };
    const order = { agreementId, purpose: 'case-handling', mode: 'webhook', webhook, startFrom: 'beginning' };
    const { status, body } = await this.exchange.call('POST', '/v1/subscriptions', caller, order);
    expect(status).toBe(201);
    const { secret } = body.webhook as { secret: string };
    return { receiver, id: String(body.subscriptionId), secret };
  }

  /** The same of a new dataset. */
  async hooked(settings: object = {}) {
    const { datasetId } = await this.exchange.dataset();
    const agreement = await this.exchange.agreement(datasetId);
    return { datasetId, agreement, ...(await this.hook(agreement, settings)) };
  }

  async view(id: string): Promise<Record<string, unknown>> {
    return (await this.exchange.call('GET', `/v1/subscriptions/${id}`, this.reader)).body;
  }

  /** Waits until the view of a subscription is so. */
  shows(id: string, expected: object): Promise<void> {
    return eventually(async () => expect(await this.view(id)).toMatchObject(expected));
  }

  at(id: string, what: string, body?: object, caller = this.reader) {
    return this.exchange.call('POST', `/v1/subscriptions/${id}/${what}`, caller, body);
  }

  publish(datasetId: string, id: string, data: object = {}) {
    return this.exchange.publish(this.publisher, event(datasetId, id, data));
  }
}

// Others import what stands above; this test runs here alone.
if (expect.getState().testPath === __filename)
  it('subscribes a receiver that gets what is published', async () => {
    const hooks = await Hooks.start();
    const { datasetId, receiver, id } = await hooks.hooked();
    await hooks.publish(datasetId, '1');
    await hooks.shows(id, { ackedPosition: 1, delivered: 1 });
    expect(receiver.ids).toEqual(['1']);
    await hooks.stop();
  }, 60_000);
