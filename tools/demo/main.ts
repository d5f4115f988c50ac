// `npm run demo`: the main job on thousands of cases, against a running system. Its numbers must add up.
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { eventually } from '../up/eventually.ts';
import { auditLines, caseLines, deliveryLines, ledgerLines, lensLines, total } from './checks.ts';
import { Consumption } from './consume.ts';
import { expect } from './expected.ts';
import { codeOf, type Consumer, consumersOf, datasetOrder, registerParties, steward } from './parties.ts';
import { govbus, publishAll } from './publish.ts';
import { type City, columns, readCity, slugOf } from './source.ts';
import { Stage } from './stage.ts';
import { holds, type Line, same, tableOf } from './table.ts';

const help = `npm run demo -- [--cases FILE.csv --grids FILE.geojson] [--connection FILE]

Plays the main job against a running system (npm start): agencies publish the cases of a city, departments see what
their agreements give them, cases reach their units, and every access is in the log. Ends with a table; exits 1 when its
numbers do not add up. Without files it plays on a generated city.

  --cases FILE       service requests, in the columns of NYC 311
  --grids FILE       neighbourhoods as GeoJSON, each with a name
  --connection FILE  credentials that npm start wrote (default .govbus/run/credentials.json)
`;
const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const began = performance.now();
const say = (text: string): void => {
  console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${text}`);
};

async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: {
      cases: { type: 'string' },
      grids: { type: 'string' },
      connection: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return true;
  }
  for (const file of [values.cases, values.grids])
    if (file && !existsSync(file)) throw new Error(`there is no file ${file}`);
  const stage = new Stage(resolve(values.connection ?? join(root, '.govbus/run/credentials.json')));
  const city = await readCity(values.cases, values.grids, join(dirname(stage.file), 'demo'));
  const expected = expect(city);
  const datasetId = `service-requests-${Date.now().toString(36)}`;
  say(`${city.rows.length} cases of ${city.agencies.size} agencies, ${city.cells.length} neighbourhoods`);

  const consumptions = await setUp(stage, city, datasetId);
  const denial = await askForTooMuch(stage, consumptions);
  say(`asked for the purpose "marketing", city planning gets ${denial}`);
  for (const one of consumptions) if (one.consumer.key === 'visitor-bureau') one.holdAt = expected.accepted.length / 2;
  const importing = publishAll(city, datasetId, stage.file);
  const stopMs = await revokeHalfWay(stage, consumptions, expected.accepted.length, importing);
  say(`the visitor bureau's agreement is revoked half-way; the last read that got data began ${stopMs} ms later`);
  const summaries = await importing;
  say(`published: ${total(summaries).accepted} accepted, ${total(summaries).refused} refused`);

  const lines: Line[] = await ledgerLines(stage, city, datasetId, expected, summaries);
  await arrived(consumptions, expected.accepted);
  say('delivered; the cases are looked at');
  lines.push(...deliveryLines(expected, consumptions), ...lensLines(expected, consumptions));
  lines.push(
    holds(
      'webhook signatures',
      consumptions.every(({ badSignatures }) => badSignatures === 0),
    ),
  );
  lines.push(holds('revocation within a second', stopMs <= 1000, `${stopMs} ms`));
  lines.push(...(await caseLines(stage, city, datasetId, expected)));
  for (const one of consumptions) await one.stop();
  lines.push(...(await auditLines(stage, datasetId, summaries, consumptions)));
  say('the audit log is recomputed');
  const { code, output } = await govbus(['--connection', stage.file, 'audit', 'verify']);
  lines.push(same('govbus audit verify', 0, code ?? 'killed', output.trim().split('\n')[0]));
  console.log(`\n${tableOf(lines)}\n`);
  const isGood = lines.every(({ ok }) => ok);
  say(isGood ? 'everything adds up' : 'the numbers do NOT add up');
  return isGood;
}

async function setUp(stage: Stage, city: City, datasetId: string): Promise<Consumption[]> {
  const consumers = consumersOf(city);
  await registerParties(stage, city, consumers);
  await layGrid(stage, city);
  const { client, urls } = stage;
  await client.must(steward, 'POST', `${urls['data-catalog']}/v1/datasets`, datasetOrder(datasetId, city));
  const centre = await client.must<{ departmentCode: string }>(
    'govbus-admin',
    'GET',
    `${urls.departments}/v1/systems/case-routing`,
  );
  await agree(stage, datasetId, centre.departmentCode, {
    purposes: ['case-handling'],
    fields: ['/requestId', '/createdAt', '/category', '/latitude', '/longitude'],
    masks: [],
    deliveryModes: ['pull'],
  });
  const consumptions: Consumption[] = [];
  for (const consumer of consumers) {
    const terms = { ...consumer.terms, purposes: [consumer.purpose], deliveryModes: [consumer.mode] };
    const agreementId = await agree(stage, datasetId, consumer.departmentCode, terms);
    const consumption = new Consumption(stage, consumer, agreementId);
    await consumption.start();
    consumptions.push(consumption);
    say(`${consumer.title}: ${consumer.lens} (${consumer.mode})`);
  }
  return consumptions;
}

async function agree(stage: Stage, datasetId: string, consumerDepartment: string, terms: object): Promise<string> {
  const url = `${stage.urls['data-catalog']}/v1/agreements`;
  const period = { validFrom: '2025-01-01T00:00:00Z', validTo: '2036-01-01T00:00:00Z' };
  const legalBasis = 'Regulation on the sharing of government data, article 5';
  const order = { datasetId, consumerDepartment, terms: { legalBasis, ...period, ...terms } };
  const { agreementId } = await stage.client.must<{ agreementId: string }>(steward, 'POST', url, order);
  for (const move of ['approve', 'activate'])
    await stage.client.must(steward, 'POST', `${url}/${agreementId}/${move}`, {});
  return agreementId;
}

// A unit of each agency for its categories; the category with the most cases is shared by two crews, by area.
async function layGrid(stage: Stage, city: City): Promise<void> {
  const { client, urls } = stage;
  const grid = { gridId: city.gridId, names: { en: city.gridId } };
  await client.must('govbus-admin', 'POST', `${urls.departments}/v1/grids`, grid);
  await client.must('govbus-admin', 'PUT', `${urls.departments}/v1/grids/${city.gridId}/cells`, city.gridJson);
  const cells = await stage.list<{ cellId: string }>('dispatcher', `${urls.departments}/v1/grids/${city.gridId}/cells`);
  const half = cells.slice(0, Math.ceil(cells.length / 2)).map(({ cellId }) => cellId);
  const unitOf = async (agency: string, crew: string): Promise<string> => {
    const unitId = `${slugOf(agency)}-${crew}`;
    const order = { unitId, departmentCode: codeOf(agency), names: { en: `${agency} ${crew}` } };
    await client.must('dispatcher', 'POST', `${urls['case-routing']}/v1/units`, order);
    return unitId;
  };
  const url = `${urls['case-routing']}/v1/directory`;
  type Entry = { category: string; gridId: string; cellIds?: string[]; unitId: string; limitWorkingDays: number };
  const known = await client.must<{ entries: Entry[] }>('dispatcher', 'GET', url);
  const entries = known.entries.filter(({ gridId }) => gridId !== city.gridId);
  const agencyOf = new Map(city.rows.map((row) => [row[columns.category] ?? '', row[columns.agency] ?? '']));
  let isShared = false;
  for (const [category, agency] of agencyOf) {
    const entry = { category, gridId: city.gridId, limitWorkingDays: 5 };
    entries.push({ ...entry, unitId: await unitOf(agency, 'unit') });
    if (!isShared) entries.push({ ...entry, unitId: await unitOf(agency, 'second-crew'), cellIds: half });
    isShared = true;
  }
  await client.must('dispatcher', 'PUT', url, { entries });
}

async function askForTooMuch(stage: Stage, consumptions: Consumption[]): Promise<string> {
  const planning = consumptions.find(({ consumer }) => consumer.key === 'planning');
  if (!planning) throw new Error('no city planning in this play');
  const order = { agreementId: planning.agreementId, purpose: 'marketing', mode: 'pull', startFrom: 'now' };
  const url = `${stage.urls.exchange}/v1/subscriptions`;
  const { status, body } = await stage.client.call(planning.consumer.systemId, 'POST', url, order);
  const { detail, explanation } = body as { detail: string; explanation?: { code: string; attribute: string } };
  if (status !== 403 || !explanation) throw new Error(`a request for another purpose was answered with ${status}`);
  return `${status}: ${detail} (${explanation.code}, ${explanation.attribute})`;
}

/** Milliseconds from the answer to the revocation until the last read began that still got data (P5); 0 if none did. */
async function revokeHalfWay(
  stage: Stage,
  consumptions: Consumption[],
  accepted: number,
  importing: Promise<unknown>,
): Promise<number> {
  const bureau = consumptions.find(({ consumer }: { consumer: Consumer }) => consumer.key === 'visitor-bureau');
  if (!bureau) throw new Error('no visitor bureau in this play');
  const half = async (): Promise<true | undefined> => (bureau.received.size >= accepted / 2 ? true : undefined);
  // A failed import must end the wait.
  const waiting = eventually(half, 'the visitor bureau to have half of the events', 300_000);
  await Promise.race([waiting, importing.then(() => waiting)]);
  // It reads on while the agreement is revoked, and not so fast that it has everything before.
  bureau.isSlow = true;
  bureau.holdAt = Infinity;
  const url = `${stage.urls['data-catalog']}/v1/agreements/${bureau.agreementId}/revoke`;
  await stage.client.must(steward, 'POST', url, { reason: 'the purpose has ended' });
  const revokedAt = performance.now();
  await eventually(async () => bureau.denied, 'the refusal of the revoked agreement');
  return Math.max(0, Math.round(bureau.lastReadAt - revokedAt));
}

async function arrived(consumptions: Consumption[], accepted: Record<string, string>[]): Promise<void> {
  for (const { consumer, received, denied } of consumptions) {
    if (denied) continue;
    const selected = accepted.filter((row) => consumer.selects(row[columns.borough] ?? '')).length;
    const all = async (): Promise<true | undefined> => (received.size >= selected ? true : undefined);
    await eventually(all, `${consumer.title} to receive ${selected} records`, 120_000);
  }
}

main().then(
  (isGood) => process.exit(isGood ? 0 : 1),
  (error: unknown) => {
    console.error(`govbus: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  },
);
