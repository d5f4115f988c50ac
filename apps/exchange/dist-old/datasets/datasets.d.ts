import { Changes, type Logger } from '@govbus/platform';
import { type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type PayloadCheck } from '../ingest/payload-check';
import { DatasetCopy } from './dataset.entity';
/** A dataset with the checks of its schema versions, compiled. */
export type KnownDataset = {
    copy: DatasetCopy;
    newest: number;
    checks: Map<number, PayloadCheck>;
};
/** Every dataset in memory, reloaded in the wake of each commit that changes one. */
export declare class Datasets implements OnModuleInit, OnApplicationShutdown {
    private readonly db;
    private readonly changes;
    private readonly logger;
    private readonly known;
    private readonly listeners;
    private isStopping;
    constructor(db: DataSource, changes: Changes, logger: Logger);
    onModuleInit(): Promise<void>;
    onApplicationShutdown(): void;
    get(datasetId: string): KnownDataset | undefined;
    /** From memory, or from the database when this process has not heard of it yet. */
    find(datasetId: string): Promise<KnownDataset | undefined>;
    onChange(listener: () => void): void;
    private untilDone;
    private loadAll;
    private load;
    private keep;
}
//# sourceMappingURL=datasets.d.ts.map