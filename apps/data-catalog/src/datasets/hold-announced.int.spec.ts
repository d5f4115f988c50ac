import 'reflect-metadata';
import { Outbox } from '@govbus/messaging';
import { Announced, Audit, type Caller, KafkaUse, Principals } from '@govbus/platform';
import { CatalogDecisions } from '../policy/catalog-decisions';
import { anna, TestCatalog } from '../test-catalog.shared.spec';
import { DatasetsService } from './datasets.service';

let catalog: TestCatalog;
beforeAll(async () => (catalog = await TestCatalog.start()), 60_000);
afterAll(() => catalog.stop());

it('answers a legal hold when Kafka has it, and not before; it is lifted without waiting', async () => {
  const { app, db } = catalog;
  const [outbox, audit] = [app.get(Outbox), app.get(Audit)];
  // With Kafka, as in life, and a relay that cannot reach it.
  const announced = new Announced(db, new KafkaUse(true));
  const datasets = new DatasetsService(db, outbox, audit, app.get(Principals), app.get(CatalogDecisions), announced);
  const datasetId = await catalog.dataset();
  const hold = (legalHold: boolean) =>
    datasets.hold(datasetId, { legalHold, reason: 'court order 7' }, '"1"', anna as Caller);
  const unannounced = { kind: 'unavailable', code: 'registry.unannounced' };
  await expect(hold(true)).rejects.toMatchObject(unannounced);
  // It is recorded all the same; and asking again, of the same version, is no second hold.
  const held = { legalHold: true, version: 2 };
  expect(await datasets.show(datasetId)).toMatchObject(held);
  await expect(hold(true)).rejects.toMatchObject(unannounced);
  await db.query('DELETE FROM outbox WHERE key = $1', [`dataset:${datasetId}`]);
  expect(await hold(true)).toMatchObject(held);
  const lifted = datasets.hold(datasetId, { legalHold: false, reason: 'closed' }, undefined, anna as Caller);
  expect(await lifted).toMatchObject({ legalHold: false, version: 3 });
}, 30_000);
