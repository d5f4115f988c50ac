import { hash } from 'node:crypto';
import { type Fault, Invalid, maxEventBytes, NotFound } from '@govbus/contracts';
import { type Caller, Clock, EdgeError } from '@govbus/platform';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Datasets, type KnownDataset } from '../datasets/datasets';
import { keyAt } from '../datasets/pointer';
import { canonicalText } from './canonical';
import { askedSchemaVersion, busText, digestedText, parseCloudEvent, type PublishedEvent } from './cloud-event';
import { PublishDecisions } from './publish-decisions';

/** Longest record key, in bytes of UTF-8: it is the entry of an index. */
export const maxKeyBytes = 1024;

/** An event that may go to the bus, with its text there. */
export type AcceptedEvent = {
  id: string;
  source: string;
  dataset: string;
  publisher: string;
  /** ISO 8601, UTC. */
  recordedtime: string;
  /** The JSON text, as bytes: an object of the heap would be moved by collections until Kafka has acknowledged it. */
  message: Buffer;
};

/** What must hold of an event before it goes to the bus: form, dataset, decision, schema; in this order. */
@Injectable()
export class Acceptance implements OnApplicationBootstrap {
  constructor(
    private readonly datasets: Datasets,
    private readonly decisions: PublishDecisions,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.datasets.compileAhead();
  }

  /** The bus event of one parsed JSON value, or the refusal as an error. */
  async accept(value: unknown, caller: Caller): Promise<AcceptedEvent> {
    const whole = canonicalText(value);
    const event = parseCloudEvent(value);
    const canonical = event === value ? whole : canonicalText(event);
    if (Buffer.byteLength(canonical) > maxEventBytes)
      throw new EdgeError(413, 'body.too-large', `an event is at most ${maxEventBytes} bytes`);
    const dataset = await this.datasets.find(event.dataset);
    if (!dataset) throw new NotFound('dataset.unknown', `there is no dataset \`${event.dataset}\``);
    this.decisions.require(caller, dataset);
    const schemaversion = checkPayload(event, dataset);
    const digest = hash('sha256', digestedText(event, canonical), 'hex');
    const recordedtime = this.clock.now().toISOString();
    const { id, source } = event;
    const publisher = caller.id;
    const message = Buffer.from(busText(event, canonical, { publisher, recordedtime, schemaversion, digest }));
    return { id, source, dataset: event.dataset, publisher, recordedtime, message };
  }
}

/** The schema version of a tombstone, whose payload is asked for its key alone. */
const noSchema = 0;

function checkPayload(event: PublishedEvent, dataset: KnownDataset): number {
  if (event.tombstone === true) {
    const faults = keyFaults(event, dataset);
    if (faults.length > 0)
      throw new Invalid('schema.violated', `\`data\` of a tombstone must hold the key of \`${event.dataset}\``, {
        faults,
      });
    return noSchema;
  }
  const version = askedSchemaVersion(event) ?? dataset.newest;
  const check = dataset.checks.get(version);
  if (!check) {
    const fault = { pointer: '/dataschema', code: 'schema-version', detail: 'the dataset has no such schema version' };
    throw new Invalid('event.invalid', 'the event names an unknown schema version', { faults: [fault] });
  }
  const faults = check.faultsIn(event.data);
  if (faults.length === 0) faults.push(...keyFaults(event, dataset));
  if (faults.length > 0)
    throw new Invalid('schema.violated', `\`data\` breaks schema version ${version} of \`${event.dataset}\``, {
      faults,
    });
  return version;
}

function keyFaults(event: PublishedEvent, { copy: { keyPointer } }: KnownDataset): Fault[] {
  const key = keyAt(event.data, keyPointer);
  if (key !== undefined && Buffer.byteLength(key) <= maxKeyBytes) return [];
  const detail = `the key of the record must be a value of 1 to ${maxKeyBytes} bytes`;
  return [{ pointer: `/data${keyPointer}`, code: 'record-key', detail }];
}
