import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import type { AgreementRecordV1, DatasetRecordV1, TermsV1 } from '@govbus/contracts';
import { eventually } from '@govbus/testing';
import type { AppConfig } from '../app.config';
import { type Caller, consumer, event, Exchange, provider } from '../exchange.int.spec';

/** An exchange with a publisher and a reader, and what the specs of exports ask of it. */
export class ExportBench {
  private constructor(
    readonly exchange: Exchange,
    readonly publisher: Caller,
    readonly reader: Caller,
  ) {}

  static async start(over: Partial<AppConfig> = {}): Promise<ExportBench> {
    const exchange = await Exchange.start(over);
    const publisher = await exchange.system(provider, ['events:publish']);
    return new ExportBench(exchange, publisher, await exchange.system(consumer, ['events:read']));
  }

  stop(): Promise<void> {
    return this.exchange.stop();
  }

  terms(over: Partial<TermsV1> = {}): TermsV1 {
    return {
      purposes: ['case-handling'],
      legalBasis: 'Regulation, article 2',
      fields: ['/key', '/name', '/note'],
      masks: [{ field: '/name', kind: 'redact' }],
      rowFilter: { equals: { field: '/area', value: 'north' } },
      validFrom: '2020-01-01T00:00:00Z',
      validTo: '2099-01-01T00:00:00Z',
      deliveryModes: ['file'],
      ...over,
    };
  }

  async filled(events: object[], over: Partial<TermsV1> = {}, dataset: Partial<DatasetRecordV1> = {}) {
    const { datasetId } = await this.exchange.dataset(dataset);
    const agreement = await this.exchange.agreement(datasetId, { terms: this.terms(over) });
    await this.publish(datasetId, events);
    return { datasetId, agreement };
  }

  /** The day of an agreement, and what may be had in it, ends later than any test. */
  dayLasts({ agreementId }: AgreementRecordV1) {
    return this.exchange.db.query(
      `INSERT INTO agreement_usage
       VALUES ($1, now() + interval '3 days', 0, (now() + interval '3 days')::date, 0)`,
      [agreementId],
    );
  }

  async publish(datasetId: string, events: object[]): Promise<void> {
    for (let from = 0; from < events.length; from += 500)
      await this.exchange.publishBatch(
        this.publisher,
        events.slice(from, from + 500).map((data, i) => event(datasetId, String(from + i + 1), data)),
      );
    await this.exchange.ledgerAt(datasetId, events.length);
  }

  order({ agreementId }: AgreementRecordV1, over: object = {}, caller = this.reader) {
    const order = { agreementId, purpose: 'case-handling', format: 'csv', of: 'latest', ...over };
    return this.exchange.call('POST', '/v1/exports', caller, order);
  }

  async ordered(agreement: AgreementRecordV1, over: object = {}): Promise<string> {
    const { status, body } = await this.order(agreement, over);
    expect(status).toBe(202);
    return String(body.exportId);
  }

  async done(agreement: AgreementRecordV1, over: object = {}): Promise<string> {
    const id = await this.ordered(agreement, over);
    await this.reaches(id, 'done');
    return id;
  }

  reaches(id: string, status: string): Promise<Record<string, unknown>> {
    return eventually(async () => {
      const { body } = await this.view(id);
      expect(body).toMatchObject({ status });
      return body;
    }, 20_000);
  }

  async view(id: string) {
    return this.exchange.call('GET', `/v1/exports/${id}`, this.reader);
  }

  /** The file as bytes, by token, or by the address of a link. */
  async file(idOrLink: string, caller: Caller | undefined = this.reader) {
    const isLink = idOrLink.startsWith('http');
    const url = isLink ? idOrLink.slice(new URL(idOrLink).origin.length) : `/v1/exports/${idOrLink}/file`;
    const headers: Record<string, string> = {};
    if (caller && !isLink)
      headers.authorization = `Bearer ${await this.exchange.issuer.token({ ...caller, kind: 'system', roles: [] })}`;
    const response = await this.exchange.app.inject({ method: 'GET', url, headers });
    const { statusCode: status, rawPayload: content, headers: answered } = response;
    const isProblem = String(answered['content-type']).includes('problem');
    return { status, content, headers: answered, code: isProblem ? (response.json() as { code: string }).code : '' };
  }

  async rows(sql: string, id: string): Promise<Record<string, unknown>[]> {
    return this.exchange.db.query<Record<string, unknown>[]>(sql, [id]);
  }

  chunksOf(id: string) {
    return this.rows('SELECT chunk FROM export_chunks WHERE export_id = $1 ORDER BY chunk', id);
  }
  disclosuresOf(id: string) {
    return this.rows('SELECT * FROM disclosures WHERE export_id = $1 ORDER BY disclosed_at', id);
  }

  async entries(datasetId: string, operation: string) {
    return (await this.exchange.entries(datasetId)).filter((entry) => entry.operation === operation);
  }
}

// Others import what stands above; these tests run here alone.
if (expect.getState().testPath === __filename)
  it('knows no export that nobody ordered', async () => {
    const bench = await ExportBench.start();
    try {
      const id = randomUUID();
      for (const path of ['', '/manifest', '/file'])
        expect(await bench.exchange.call('GET', `/v1/exports/${id}${path}`, bench.reader)).toMatchObject({
          status: 404,
          body: { code: 'export.unknown' },
        });
    } finally {
      await bench.stop();
    }
  }, 60_000);
