import { createServer } from 'node:http';
import { type Answer, freeBase, type Items, RunningCity, startThatEnds } from './running-city';

let city: RunningCity;

beforeAll(async () => {
  city = await RunningCity.start();
});
afterAll(() => city.remove());

type Cases = Items<{ caseId: string }>;
const cases = (): Promise<Answer<Cases>> =>
  city.call('dispatcher', 'GET', `${city.url('case-routing')}/v1/cases?limit=100`);
const statusOf = async () => JSON.parse((await city.govbus('status', '--json')).output) as unknown;

it('says what happened, where everything listens, where the credentials are and what to try', () => {
  for (const text of ['What happened:', city.url('exchange'), city.connectionFile, 'npx govbus status', 'audit verify'])
    expect(city.output).toContain(text);
  expect(city.output).toContain('"phone":"***34"');
  expect(city.output).not.toContain('13800001234');
});

it('keeps its secrets to its owner', async () => {
  const { statSync, readdirSync } = await import('node:fs');
  const modeOf = (path: string): number => statSync(path).mode & 0o777;
  expect(modeOf(city.connectionFile)).toBe(0o600);
  expect(modeOf(`${city.dir}/keys`)).toBe(0o700);
  for (const name of readdirSync(`${city.dir}/keys`)) expect(modeOf(`${city.dir}/keys/${name}`)).toBe(0o600);
});

it('tells by the exit code whether all services are ready', async () => {
  expect(await city.govbus('status')).toMatchObject({ code: 0, output: expect.stringContaining('case-routing') });
  const { code, output } = await city.govbus('token', 'water-system');
  expect({ code, parts: output.trim().split('.').length }).toEqual({ code: 0, parts: 3 });
});

it('refuses to start where a port is taken, in one clear line', async () => {
  const { code, output } = await startThatEnds(['--dir', `${city.dir}/other`, '--port', String(city.base)]);
  expect(code).toBe(1);
  expect(output.trim()).toBe(
    `govbus: departments needs port ${city.base + 1}, which is in use: stop what listens there, or use --port`,
  );
  const base = await freeBase();
  const taken = createServer();
  await new Promise<void>((done) => taken.listen(base + 8432, '127.0.0.1', done));
  const second = await startThatEnds(['--dir', `${city.dir}/other`, '--port', String(base)]);
  await new Promise((done) => taken.close(done));
  expect(second.code).toBe(1);
  expect(second.output).toContain(`PostgreSQL needs port ${base + 8432}`);
});

it('refuses to start on the data of a city that runs, which runs on', async () => {
  const before = city.pidOf('exchange');
  const { code, output } = await startThatEnds(['--dir', city.dir, '--port', String(await freeBase()), '--reset']);
  expect({ code, output: output.trim() }).toEqual({
    code: 1,
    output: `govbus: already running on ${city.dir} (process ${city.pidOf('up')}): stop it first, or use --dir and --port`,
  });
  expect(await city.govbus('status')).toMatchObject({ code: 0 });
  expect(city.pidOf('exchange')).toBe(before);
});

it('starts a service again that was killed', async () => {
  const before = city.pidOf('audit');
  city.kill('audit');
  const deadline = performance.now() + 60_000;
  while (city.pidOf('audit') === before || (await city.govbus('status')).code !== 0)
    if (performance.now() > deadline) throw new Error('the audit service did not come back');
  expect(city.output).toContain('audit ended (SIGKILL)');
});

it('stops cleanly, and starts again on the data it left, also after a SIGKILL', async () => {
  const before = await cases();
  expect(await city.down()).toBe(0);
  expect(await city.govbus('status')).toMatchObject({ code: 1 });
  await city.up();
  await city.down('SIGKILL');
  await city.up();
  const after = await cases();
  const idsOf = ({ body }: Answer<Cases>): string[] => body.items.map(({ caseId }) => caseId);
  expect(idsOf(after)).toEqual(expect.arrayContaining(idsOf(before)));
  expect(idsOf(after)).toHaveLength(idsOf(before).length + 6);
  expect(await statusOf()).toBeDefined();
  expect(await city.govbus('audit', 'verify')).toMatchObject({ code: 0 });
});

it('begins afresh with --reset', async () => {
  await city.down();
  await city.up('--reset');
  const { body } = await cases();
  expect(body.items).toHaveLength(3);
});
