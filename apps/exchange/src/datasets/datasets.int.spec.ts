import 'reflect-metadata';
import type { SchemaVersionV1 } from '@govbus/contracts';
import { Changes, type Logger } from '@govbus/platform';
import { eventually } from '@govbus/testing';
import { event, Exchange, provider } from '../exchange.int.spec';
import { Datasets } from './datasets';

let exchange: Exchange;
beforeAll(async () => void (exchange = await Exchange.start()), 60_000);
afterAll(() => exchange.stop());

const usable = (schemaVersion: number): SchemaVersionV1 => ({
  schemaVersion,
  schema: { type: 'object', properties: { name: { maxLength: 20 * schemaVersion } } },
});
// Whoever compiles it hears of it, which is how it is seen here what is compiled.
const unusable = (schemaVersion: number): SchemaVersionV1 => ({ schemaVersion, schema: { type: 'unknown' } });
const versions = (count: number, make: (version: number) => SchemaVersionV1): SchemaVersionV1[] =>
  Array.from({ length: count }, (_, i) => make(i + 1));

/** A process that starts on the database of another. */
async function started() {
  const told: string[] = [];
  const error = ({ datasetId, schemaVersion }: { datasetId: string; schemaVersion: number }) =>
    told.push(`${datasetId} ${schemaVersion}`);
  const datasets = new Datasets(exchange.db, exchange.app.get(Changes), { error } as unknown as Logger);
  await datasets.onModuleInit();
  return { datasets, told, stop: () => datasets.onApplicationShutdown() };
}

it('starts without compiling anything, and then compiles the newest versions of active datasets alone', async () => {
  const [active, retired] = [
    await exchange.dataset({ schemas: versions(50, unusable) }),
    await exchange.dataset({ schemas: versions(50, unusable), status: 'retired' }),
  ];
  const { datasets, told, stop } = await started();
  expect(datasets.get(retired.datasetId)?.checks.size).toBe(50);
  expect(told).toEqual([]);
  datasets.compileAhead();
  expect(told).toEqual([]);
  await eventually(() => expect(told).toEqual([`${active.datasetId} 50`]));
  const last = await exchange.dataset({ schemas: [unusable(1)] });
  await eventually(() => expect(told).toContain(`${last.datasetId} 1`));
  expect(told).toHaveLength(2);
  const old = datasets.get(retired.datasetId)?.checks.get(7);
  expect([old?.faultsIn({}), old?.faultsIn({})]).toMatchObject(Array(2).fill([{ code: 'schema-unusable' }]));
  expect(told.slice(2)).toEqual([`${retired.datasetId} 7`]);
  stop();
});

it('takes events of an older version, and closes one that cannot be used without the others', async () => {
  const schemas = [usable(1), unusable(2), usable(3)];
  const { datasetId } = await exchange.dataset({ schemas });
  const publisher = await exchange.system(provider, ['events:publish']);
  const publish = async (schemaVersion: number, length: number) => {
    const dataschema = `urn:govbus:${datasetId}:${schemaVersion}`;
    const sent = { ...event(datasetId, `${schemaVersion}-${length}`, { name: 'x'.repeat(length) }), dataschema };
    const { status, body } = await exchange.publish(publisher, sent);
    return [status, body.code, (body.faults as { code: string }[] | undefined)?.map(({ code }) => code)];
  };
  const violated = (code: string) => [400, 'schema.violated', [code]];
  const accepted = [202, undefined, undefined];
  expect(await publish(1, 20)).toEqual(accepted);
  expect(await publish(1, 21)).toEqual(violated('maxLength'));
  expect(await publish(2, 1)).toEqual(violated('schema-unusable'));
  expect(await publish(3, 60)).toEqual(accepted);
  expect(await publish(3, 61)).toEqual(violated('maxLength'));
});
