import {
  AgreementRecord,
  BUS_TOPIC,
  Conflict,
  DatasetRecord,
  DepartmentRecord,
  DomainError,
  PrincipalRecord,
} from '@govbus/contracts';
import { groupMembers, type RawMessage, replayTopic, topicRanges } from '@govbus/messaging';
import {
  asOnlyOne,
  Audit,
  DepartmentConsumer,
  LOGGER,
  type Logger,
  logFunction,
  PrincipalConsumer,
  serviceActor,
} from '@govbus/platform';
import { Inject, Injectable, type Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { AgreementConsumer } from '../agreements/agreement.consumer';
import { AppConfig } from '../app.config';
import { DatasetConsumer } from '../datasets/dataset.consumer';
import { rebuildLock } from '../ledger/ledger-origin';
import { LedgerWriter } from '../ledger/ledger-writer';
import {
  beginRebuild,
  emptyLedger,
  endRebuild,
  inconsistentDatasets,
  type LedgerTotals,
  storedOffsets,
  totals,
} from './ledger-rebuild.sql';

export type RebuildOptions = {
  /** Empties the ledger first; without it, what is missing behind the stored offsets is read. */
  wipe: boolean;
  /** Goes on although Kafka no longer holds all of what is missing. */
  acceptLoss: boolean;
  /** Told after each batch how many messages are done, of how many. */
  onProgress: (done: number, total: number) => void;
  signal?: AbortSignal;
};
export type Rebuilt = LedgerTotals & { inconsistent: string[] };

type Apply = (message: unknown) => Promise<void>;
/** Who keeps the copies of what the registries say. */
const consumers = new Map<string, Type<{ apply: Apply }>>([
  [DatasetRecord.type, DatasetConsumer],
  [AgreementRecord.type, AgreementConsumer],
  [DepartmentRecord.type, DepartmentConsumer],
  [PrincipalRecord.type, PrincipalConsumer],
]);
const registries = ['departments.registry', 'catalog.registry'];

/**
 * Writes the ledger again from `bus.events`, by the writer that wrote it first: the same order of messages gives each event
 * the position that it had. May be killed and run again; it goes on from the offsets that are stored with the events.
 * Until it is done nobody is shown anything (`RegistryWatch.requireFresh`).
 */
@Injectable()
export class LedgerRebuild {
  private readonly cluster: { brokers: string[]; clientId: string };

  constructor(
    private readonly config: AppConfig,
    private readonly db: DataSource,
    private readonly writer: LedgerWriter,
    private readonly modules: ModuleRef,
    private readonly audit: Audit,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.cluster = { brokers: config.brokers, clientId: 'exchange.rebuild' };
  }

  /**
   * Errors: `Conflict` `ledger.in-use` while a process writes the ledger or another rebuild runs; `Conflict`
   *   `ledger.incomplete` when Kafka has deleted messages that are missing, or the topic ends before what the ledger read of
   *   it (Kafka lost its data, or the topic was made anew: the ledger is the only copy then), unless `acceptLoss`.
   */
  async run(options: RebuildOptions): Promise<Rebuilt> {
    const rebuilt = await asOnlyOne(this.db, rebuildLock, () => this.rebuild(options));
    if (!rebuilt) throw inUse();
    return rebuilt;
  }

  private async rebuild({ wipe, acceptLoss, onProgress, signal }: RebuildOptions): Promise<Rebuilt> {
    if ((await groupMembers(this.cluster, this.config.LEDGER_GROUP)) > 0) throw inUse();
    const ranges = await topicRanges(this.cluster, BUS_TOPIC);
    const stored = await storedOffsets(BUS_TOPIC, this.db.manager);
    const ends = new Map(ranges.map(({ partition, end }) => [partition, end]));
    const anew = [...stored].filter(([partition, next]) => next > (ends.get(partition) ?? 0n));
    const startOf = (partition: number): bigint => (wipe ? 0n : (stored.get(partition) ?? 0n));
    if (!acceptLoss && ranges.some(({ partition, first }) => first > startOf(partition)))
      throw new Conflict('ledger.incomplete', `\`${BUS_TOPIC}\` no longer holds all that is missing in the ledger`);
    if (!acceptLoss && anew.length > 0)
      throw new Conflict('ledger.incomplete', `\`${BUS_TOPIC}\` ends before what the ledger has read of it`);
    for (const [partition] of anew) {
      await this.writer.startAnew(BUS_TOPIC, partition);
      stored.delete(partition);
    }
    await this.begin(wipe);
    for (const topic of registries) await this.readRegistry(topic, signal);
    const missing = ranges.map(({ partition, first, end }) => end - max(first, startOf(partition)));
    const total = Number(missing.reduce((sum, count) => sum + max(count, 0n), 0n));
    let done = 0;
    await this.replay(BUS_TOPIC, signal, async (partition, messages) => {
      await this.writer.write(BUS_TOPIC, partition, messages);
      done += messages.length;
      // What comes in meanwhile is read as well.
      onProgress(done, Math.max(done, total));
    });
    const { manager } = this.db;
    await endRebuild(manager);
    return { ...(await totals(BUS_TOPIC, manager)), inconsistent: await inconsistentDatasets(manager) };
  }

  private begin(wipe: boolean): Promise<void> {
    return this.db.transaction(async (tx) => {
      await beginRebuild(tx);
      if (!wipe) return;
      await emptyLedger(BUS_TOPIC, tx);
      const actor = serviceActor('exchange');
      await this.audit.record({ action: 'administer', operation: 'ledger:wipe', outcome: 'done', actor }, tx);
    });
  }

  private replay(
    topic: string,
    signal: AbortSignal | undefined,
    onBatch: (partition: number, messages: RawMessage[]) => Promise<void>,
  ): Promise<void> {
    const startAt = (partition: number): Promise<bigint | undefined> => this.writer.nextOffset(topic, partition);
    return replayTopic({ ...this.cluster, topic, log: logFunction(this.logger), startAt, onBatch, signal });
  }

  // The writer needs each dataset's key; a database that was lost has no copies, and Kafka's group thinks they are read.
  private readRegistry(topic: string, signal?: AbortSignal): Promise<void> {
    return this.replay(topic, signal, async (_, messages) => {
      for (const { value, offset } of messages) await this.apply(value, { topic, offset: String(offset) });
    });
  }

  private async apply(value: Buffer | null, place: { topic: string; offset: string }): Promise<void> {
    try {
      const message = JSON.parse(value?.toString('utf8') ?? 'null') as { type?: unknown } | null;
      const consumer = consumers.get(String(message?.type));
      if (consumer) await this.modules.get<{ apply: Apply }>(consumer, { strict: false }).apply(message);
    } catch (error) {
      // The services parked it when it came; here it is passed over.
      if (!(error instanceof SyntaxError) && !(error instanceof DomainError && error.kind === 'invalid')) throw error;
      this.logger.warn(place, 'record of a registry not read');
    }
  }
}

const inUse = (): Conflict =>
  new Conflict('ledger.in-use', 'a process writes the ledger, or died a moment ago: stop all with the role `ledger`');
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
