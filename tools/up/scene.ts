// One scene of the main job, played at every start: publish once, see by agreement, be refused, have cases routed.
import type { Client } from '@govbus/cli';
import { eventually } from './eventually.ts';
import { type Agreements, datasetId, departments } from './seed.ts';
import type { RunningSystem } from './system.ts';

type Report = ReturnType<typeof reportsOf>[number];
type Subscription = { subscriptionId: string; agreementId: string };
type Event = { data: { reportId: string } };
type Page = { events: Event[]; nextCursor: string };
type Case = { recordKey: string; category: string; status: string; cellId?: string; unitId?: string };

/** Plays the scene and tells what happened. */
export async function playScene({ urls }: RunningSystem, client: Client): Promise<string> {
  const run = Date.now().toString(36);
  const reports = reportsOf(run);
  const published = await publish(urls, client, reports);
  const order = { agreementId: await agreementOf(urls, client), purpose: 'pipe-maintenance', mode: 'pull' };
  const seen = await receive(urls, client, { ...order, startFrom: 'beginning' }, run);
  const asked = { ...order, purpose: 'marketing', startFrom: 'now' };
  const denied = await client.call<{ detail: string }>(
    'water-system',
    'POST',
    `${urls.exchange}/v1/subscriptions`,
    asked,
  );
  const cases = await casesOf(urls, client, run, reports.length);
  return `What happened:
  City Management published ${published.accepted} reports once.
  The Water Authority sees ${seen.length} of them, by its agreement, with the phone masked:
    ${JSON.stringify(seen[0]?.data)}
  Asked for the purpose "marketing" it gets ${denied.status}: ${denied.body.detail}
  The Grid Centre has ${cases.length} cases of them:
${cases.map(lineOf).join('\n')}`;
}

// Again until it is taken: the exchange may not have heard of the data set yet.
async function publish(urls: RunningSystem['urls'], client: Client, reports: Report[]): Promise<{ accepted: number }> {
  const events = reports.map((data) => {
    return {
      specversion: '1.0',
      id: data.reportId,
      source: '/reports-system',
      type: 'report.made',
      dataset: datasetId,
      data,
    };
  });
  const type = 'application/cloudevents-batch+json';
  return eventually(async () => {
    const answer = await client.must<{ accepted: number }>(
      'reports-system',
      'POST',
      `${urls.exchange}/v1/events`,
      events,
      type,
    );
    return answer.accepted === events.length ? answer : undefined;
  }, 'the exchange to take the reports');
}

function reportsOf(run: string) {
  const report = (n: number, category: string, place: [number, number], phone: string, text: string) => {
    return { reportId: `${run}-${n}`, category, latitude: place[0], longitude: place[1], phone, text };
  };
  return [
    report(1, 'broken-pipe', [30.251, 120.161], '13800001234', 'Water on the road 路面漏水'),
    report(2, 'rubbish', [30.262, 120.172], '13800005678', 'Heap behind the market 市场后垃圾堆'),
    report(3, 'broken-pipe', [31.5, 121.5], '13800009999', 'Outside the grid 网格外'),
  ];
}

async function agreementOf(urls: RunningSystem['urls'], client: Client): Promise<string> {
  const url = `${urls['data-catalog']}/v1/agreements?consumerDepartment=${departments.water}`;
  return eventually(async () => {
    const { items } = await client.must<Agreements>('water-system', 'GET', url);
    return items.find(({ status }) => status === 'in-force')?.agreementId;
  }, 'the agreement of the water authority');
}

// One subscription for all starts; each reads on from where the last one acknowledged.
async function receive(urls: RunningSystem['urls'], client: Client, order: object, run: string): Promise<Event[]> {
  const url = `${urls.exchange}/v1/subscriptions`;
  const known = await client.must<{ items: Subscription[] }>('water-system', 'GET', url);
  const { subscriptionId } = known.items[0] ?? (await client.must<Subscription>('water-system', 'POST', url, order));
  const seen: Event[] = [];
  return eventually(async () => {
    const page = await client.must<Page>('water-system', 'GET', `${url}/${subscriptionId}/events`);
    seen.push(...page.events.filter(({ data }) => data.reportId.startsWith(run)));
    await client.must('water-system', 'POST', `${url}/${subscriptionId}/ack`, { cursor: page.nextCursor });
    return seen.length >= 2 ? seen : undefined;
  }, 'the water authority to receive its reports');
}

async function casesOf(urls: RunningSystem['urls'], client: Client, run: string, count: number): Promise<Case[]> {
  const url = `${urls['case-routing']}/v1/cases?datasetId=${datasetId}&limit=100`;
  return eventually(async () => {
    const { items } = await client.must<{ items: Case[] }>('dispatcher', 'GET', url);
    const own = items.filter(({ recordKey }) => recordKey.startsWith(run));
    return own.length === count ? own.toSorted((a, b) => (a.recordKey < b.recordKey ? -1 : 1)) : undefined;
  }, 'the cases');
}

const lineOf = ({ recordKey, category, status, cellId, unitId }: Case): string =>
  `    ${recordKey}  ${category.padEnd(12)} ${status.padEnd(11)} ${unitId ? `in ${cellId}, for ${unitId}` : 'in no grid cell: listed for the centre'}`;
