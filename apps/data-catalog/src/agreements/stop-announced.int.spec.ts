import 'reflect-metadata';
import { Outbox } from '@govbus/messaging';
import { Announced, Audit, type Caller, KafkaUse, Principals } from '@govbus/platform';
import { CatalogDecisions } from '../policy/catalog-decisions';
import { anna, consumer, TestCatalog, terms } from '../test-catalog.shared.spec';
import { AgreementsService } from './agreements.service';

const officer = anna as Caller;
let catalog: TestCatalog;
let agreements: AgreementsService;
beforeAll(async () => {
  catalog = await TestCatalog.start();
  const { app, db } = catalog;
  const [outbox, audit] = [app.get(Outbox), app.get(Audit)];
  // With Kafka, as in life, and a relay that cannot reach it.
  const announced = new Announced(db, new KafkaUse(true));
  agreements = new AgreementsService(db, outbox, audit, app.get(Principals), app.get(CatalogDecisions), announced);
}, 60_000);
afterAll(() => catalog.stop());

it.each(['suspend', 'revoke'] as const)('answers a %s when Kafka has it, and not before (P5)', async (move) => {
  const order = { datasetId: await catalog.dataset(), consumerDepartment: consumer, terms: terms() };
  const agreementId = String((await catalog.call('POST', '/v1/agreements', order)).body.agreementId);
  for (const step of ['approve', 'activate'] as const)
    await agreements.move(step, agreementId, undefined, undefined, officer);
  const stop = () => agreements.move(move, agreementId, 'it must end', undefined, officer);
  const unannounced = { kind: 'unavailable', code: 'registry.unannounced' };
  await expect(stop()).rejects.toMatchObject(unannounced);
  // It is recorded all the same; and asking again is no second stop.
  const status = move === 'suspend' ? 'suspended' : 'revoked';
  expect(await agreements.show(agreementId)).toMatchObject({ status, version: 4 });
  await expect(stop()).rejects.toMatchObject(unannounced);
  await catalog.db.query('DELETE FROM outbox WHERE key = $1', [`agreement:${agreementId}`]);
  expect(await stop()).toMatchObject({ status, version: 4 });
});
