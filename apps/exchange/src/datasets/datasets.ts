import { setImmediate as othersFirst, setTimeout as pause } from 'node:timers/promises';
import { Changes, LOGGER, type Logger } from '@govbus/platform';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { checksOf, type PayloadCheck } from '../ingest/payload-check';
import { DATASETS_CHANGED } from './dataset.consumer';
import { DatasetCopy } from './dataset.entity';

/** A dataset with the checks of its schema versions. */
export type KnownDataset = { copy: DatasetCopy; newest: number; checks: Map<number, PayloadCheck> };

/** Every dataset in memory, reloaded in the wake of each commit that changes one. */
@Injectable()
export class Datasets implements OnModuleInit, OnApplicationShutdown {
  private readonly known = new Map<string, KnownDataset>();
  private readonly listeners: (() => void)[] = [];
  /** Datasets that came or changed since their newest version was compiled ahead. */
  private readonly fresh = new Set<string>();
  private ahead: 'off' | 'resting' | 'compiling' = 'off';
  private isStopping = false;

  constructor(
    private readonly db: DataSource,
    private readonly changes: Changes,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onModuleInit(): Promise<void> {
    // Listen first: what commits between the two is then loaded twice rather than missed.
    await this.changes.on(
      DATASETS_CHANGED,
      (datasetId) => void this.untilDone(() => this.load(datasetId)),
      () => void this.untilDone(() => this.loadAll()),
    );
    await this.loadAll();
  }

  onApplicationShutdown(): void {
    this.isStopping = true;
  }

  get(datasetId: string): KnownDataset | undefined {
    return this.known.get(datasetId);
  }

  /** From memory, or from the database when this process has not heard of it yet. */
  async find(datasetId: string): Promise<KnownDataset | undefined> {
    return this.known.get(datasetId) ?? (await this.load(datasetId));
  }

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** From now on the newest versions of active datasets are compiled before events need them; the others when they do. */
  compileAhead(): void {
    this.ahead = 'resting';
    void this.compileFresh();
  }

  // A change that is heard and not read would leave a retired dataset open, and a new schema unknown.
  private async untilDone(load: () => Promise<unknown>): Promise<void> {
    for (let waitMs = 100; !this.isStopping; waitMs = Math.min(waitMs * 2, 5_000)) {
      try {
        return void (await load());
      } catch (err) {
        this.logger.warn({ err }, 'datasets not reloaded yet');
        await pause(waitMs);
      }
    }
  }

  private async loadAll(): Promise<void> {
    for (const copy of await this.db.manager.find(DatasetCopy)) this.keep(copy);
  }

  private async load(datasetId: string): Promise<KnownDataset | undefined> {
    const copy = await this.db.manager.findOneBy(DatasetCopy, { datasetId });
    if (copy) this.keep(copy);
    return this.known.get(datasetId);
  }

  private keep(copy: DatasetCopy): void {
    const before = this.known.get(copy.datasetId);
    if (before && before.copy.version > copy.version) return;
    const newest = Math.max(...copy.schemas.map((schema) => schema.schemaVersion));
    const checks = checksOf(copy.schemas, before?.checks, (schemaVersion, err) =>
      this.logger.error({ err, datasetId: copy.datasetId, schemaVersion }, 'schema version cannot be used'),
    );
    this.known.set(copy.datasetId, { copy, newest, checks });
    this.fresh.add(copy.datasetId);
    void this.compileFresh();
    this.listeners.forEach((listener) => listener());
  }

  // One in each turn of the event loop: all together would keep the process for seconds from those who ask whether it lives.
  private async compileFresh(): Promise<void> {
    if (this.ahead !== 'resting') return;
    this.ahead = 'compiling';
    for (const datasetId of this.fresh) {
      await othersFirst();
      if (this.isStopping) return;
      this.fresh.delete(datasetId);
      const known = this.known.get(datasetId);
      if (known?.copy.status === 'active') known.checks.get(known.newest)?.compile();
    }
    this.ahead = 'resting';
  }
}
