import type { AuditEntryV1 } from '@govbus/contracts';
import type { Command } from 'commander';
import { refusal } from '../client';
import type { Io } from '../io';
import { isoTime, uuid, wholeNumber } from '../options';
import { sessionOf } from '../session';
import { table } from '../table';

type Options = {
  as: string;
  actor?: string;
  dataset?: string;
  agreement?: string;
  subscription?: string;
  disclosure?: string;
  case?: string;
  subject?: string;
  trace?: string;
  action?: string;
  outcome?: string;
  from?: string;
  to?: string;
  limit: number;
  json?: boolean;
};
type Entry = AuditEntryV1 & { index: number };
type PageOfEntries = { items: Entry[]; nextCursor?: string };

const maxPage = 500;

export function addSearch(audit: Command, io: Io): void {
  audit
    .command('search')
    .summary('entries by who, what, when')
    .description('Shows the newest entries that fit all that is given. The search itself leaves an entry in the log.')
    .option('--as <officer>', 'the officer who searches', 'auditor')
    .option('--actor <id>', 'who acted: a system or an officer')
    .option('--dataset <id>', 'about which dataset')
    .option('--agreement <id>', 'under which agreement', uuid)
    .option('--subscription <id>', 'of which subscription', uuid)
    .option('--disclosure <id>', 'which disclosure, by the id that its consumer was given', uuid)
    .option('--case <reference>', 'for which case, as the consumer numbers it')
    .option('--subject <person>', 'about whom, as the dataset names the person; needs --dataset')
    .option('--trace <id>', 'what one request left everywhere: the traceId of its problem document')
    .option('--action <action>', 'publish, disclose, refuse, administer or case')
    .option('--outcome <outcome>', 'done, denied, refused or failed')
    .option('--from <time>', 'from this time on', isoTime)
    .option('--to <time>', 'before this time', isoTime)
    .option('--limit <entries>', 'how many at most', wholeNumber(1, 1_000_000), 50)
    .option('--json', 'one entry a line, as JSON')
    .addHelpText(
      'after',
      '\nExample: who saw the data of a person in November?\n' +
        '  govbus audit search --dataset street-reports --subject 13800001234 --action disclose --from 2026-11-01',
    )
    .action((options: Options, command: Command) => search(options, command, io));
}

async function search(options: Options, command: Command, io: Io): Promise<void> {
  const { client, connection } = sessionOf(command, io);
  const {
    as,
    actor,
    dataset: datasetId,
    agreement: agreementId,
    subscription: subscriptionId,
    disclosure,
    case: caseReference,
    subject,
    trace: traceId,
    action,
    outcome,
    from,
    to,
    limit,
    json,
  } = options;
  const entity = disclosure && `disclosure:${disclosure.toLowerCase()}`;
  const about = { datasetId, agreementId, subscriptionId, entity, caseReference, subject, traceId };
  const filter = { actor, ...about, action, outcome, from, to };
  const found: Entry[] = [];
  let left = limit;
  let cursor: string | undefined;
  do {
    const order = { ...filter, limit: Math.min(left, maxPage), cursor };
    const answer = await client.call<PageOfEntries>(as, 'POST', `${connection.urls.audit}/v1/entries/search`, order);
    if (answer.status >= 300) throw refusal('the search failed', answer);
    const { items, nextCursor } = answer.body;
    if (json) await io.out(items.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    else found.push(...items);
    left -= items.length;
    cursor = nextCursor;
  } while (cursor !== undefined && left > 0);
  if (!json) await io.out(table(columns, found.map(rowOf)));
  if (cursor !== undefined) io.err.write(`govbus: there are more than ${limit}; --limit shows more\n`);
}

const columns = ['index', 'time', 'actor', 'operation', 'outcome', 'dataset', 'records', 'code', 'entry'];
const rowOf = (entry: Entry): string[] => [
  String(entry.index),
  entry.time,
  entry.actor.id,
  entry.operation,
  entry.outcome,
  entry.datasetId ?? '',
  entry.records === undefined ? '' : String(entry.records),
  entry.code ?? '',
  entry.entryId,
];
