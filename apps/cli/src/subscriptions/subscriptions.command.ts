import { setTimeout as pause } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import { type Answer, type Client, refusal } from '../client';
import type { Io } from '../io';
import { uuid, wholeNumber } from '../options';
import { withPatience } from '../retry';
import { sessionOf } from '../session';
import { table } from '../table';

type Subscription = {
  subscriptionId: string;
  agreementId: string;
  datasetId: string;
  purpose: string;
  mode: string;
  status: string;
  stopReason?: string;
  ackedPosition: number;
  lag: number;
};
type List = { items: Subscription[]; nextCursor?: string };
type PageOfEvents = { events: unknown[]; nextCursor: string; hasMore: boolean };
type CreateOptions = { as: string; agreement: string; purpose: string; from: string; json?: boolean };
type ReadOptions = { as: string; limit: number; follow?: boolean; ack: boolean };

const pollMs = 1_000;
const patienceMs = 120_000;
// Long enough for an exchange that catches up with its registries for a moment.
const shortPatienceMs = 15_000;

export function addSubscriptions(program: Command, io: Io): void {
  const subscriptions = program
    .command('subscriptions')
    .summary('list, create and read subscriptions')
    .description('A subscription reads one dataset through one agreement, from where its reader has come to.');
  subscriptions
    .command('list')
    .summary('the subscriptions of the department')
    .description('Lists the subscriptions of the department of the system.')
    .requiredOption('--as <system>', 'the system that asks')
    .option('--json', 'one JSON document a line instead of the table')
    .addHelpText('after', '\nExample:\n  govbus subscriptions list --as water-system')
    .action(async (options: { as: string; json?: boolean }, command: Command) => {
      const { client, connection } = sessionOf(command, io);
      const all = await listAll(client, options.as, connection.urls.exchange);
      await io.out(options.json ? ndjson(all) : table(columns, all.map(rowOf)));
    });
  subscriptions
    .command('create')
    .summary('begin to read a dataset under an agreement')
    .description('Creates a subscription to be read with `govbus subscriptions read`, and prints its id.')
    .requiredOption('--as <system>', 'the system that will read')
    .requiredOption('--agreement <id>', 'the agreement that allows it', uuid)
    .requiredOption('--purpose <purpose>', 'one of the purposes of the agreement')
    .addOption(new Option('--from <where>', 'where to begin').choices(['beginning', 'now']).default('beginning'))
    .option('--json', 'the whole subscription as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  govbus subscriptions create --as water-system --agreement 0190… --purpose pipe-maintenance',
    )
    .action(async (options: CreateOptions, command: Command) => {
      const { client, connection } = sessionOf(command, io);
      const { agreement: agreementId, purpose, from: startFrom } = options;
      const order = { agreementId, purpose, mode: 'pull', startFrom };
      const answer = await client.call<Subscription>(
        options.as,
        'POST',
        `${connection.urls.exchange}/v1/subscriptions`,
        order,
      );
      const made = bodyOf('the subscription cannot be made', answer);
      await io.out(`${options.json ? JSON.stringify(made) : made.subscriptionId}\n`);
    });
  addRead(subscriptions, io);
}

function addRead(subscriptions: Command, io: Io): void {
  subscriptions
    .command('read')
    .summary('the next events, as lines of JSON')
    .description(
      'Writes the events that were not acknowledged yet as NDJSON, and acknowledges each page once it is written.',
    )
    .argument('<id>', 'the subscription', uuid)
    .requiredOption('--as <system>', 'the system that reads')
    .option('--limit <events>', 'events in one page', wholeNumber(1, 1_000), 500)
    .option('--follow', 'wait for more until Ctrl-C')
    .option('--no-ack', 'leave them unacknowledged, so that the next run reads them again')
    .addHelpText('after', '\nExample:\n  govbus subscriptions read 0190… --as water-system > reports.ndjson')
    .action(async (id: string, options: ReadOptions, command: Command) => {
      const { client, connection } = sessionOf(command, io);
      await readAll(client, `${connection.urls.exchange}/v1/subscriptions/${id}`, options, io);
    });
}

async function readAll(client: Client, url: string, { as, limit, follow, ack }: ReadOptions, io: Io): Promise<void> {
  const signal = follow ? io.stopSignal() : undefined;
  const onWait = (reason: string): boolean =>
    io.err.write(`govbus: the exchange is away (${reason}); waiting for it\n`);
  const patience = { patienceMs: follow ? patienceMs : shortPatienceMs, onWait, ...(signal && { signal }) };
  const ask = <T>(call: () => Promise<Answer<T>>): Promise<Answer<T>> => withPatience(call, patience);
  let cursor: string | undefined;
  try {
    do {
      const from = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const answer = await ask(() => client.call<PageOfEvents>(as, 'GET', `${url}/events?limit=${limit}${from}`));
      const page = bodyOf('the subscription cannot be read', answer);
      if (page.events.length > 0) await io.out(ndjson(page.events));
      // Also a page without events moves on: what the agreement does not let through was passed over.
      if (ack && page.nextCursor !== cursor) {
        const order = { cursor: page.nextCursor };
        bodyOf('the page cannot be acknowledged', await ask(() => client.call(as, 'POST', `${url}/ack`, order)));
      }
      cursor = page.nextCursor;
      if (page.hasMore) continue;
      if (!follow) return;
      await pause(pollMs, undefined, signal && { signal });
    } while (!signal?.aborted);
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}

async function listAll(client: Client, as: string, exchange: string): Promise<Subscription[]> {
  const all: Subscription[] = [];
  let cursor: string | undefined;
  do {
    const from = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const answer = await client.call<List>(as, 'GET', `${exchange}/v1/subscriptions?limit=500${from}`);
    const page = bodyOf('the subscriptions cannot be listed', answer);
    all.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return all;
}

function bodyOf<T>(what: string, answer: Answer<T>): T {
  if (answer.status >= 300) throw refusal(what, answer);
  return answer.body;
}

const ndjson = (items: unknown[]): string => items.map((item) => `${JSON.stringify(item)}\n`).join('');
const columns = ['subscription', 'dataset', 'purpose', 'mode', 'status', 'acknowledged', 'behind'];
const rowOf = (one: Subscription): string[] => [
  one.subscriptionId,
  one.datasetId,
  one.purpose,
  one.mode,
  one.stopReason ? `${one.status} (${one.stopReason})` : one.status,
  String(one.ackedPosition),
  String(one.lag),
];
