import type { EntityManager } from 'typeorm';
export type LedgerTotals = {
    datasets: number;
    events: number;
    records: number;
    conflicts: number;
    unreadable: number;
};
/** Empties the ledger and forgets how far `topic` was read. Subscriptions and disclosures stay: their positions come back. */
export declare function emptyLedger(topic: string, tx: EntityManager): Promise<void>;
export declare function totals(topic: string, tx: EntityManager): Promise<LedgerTotals>;
/** Datasets whose positions are not dense, or whose counts are not those of the tables; reads the whole ledger. */
export declare function inconsistentDatasets(tx: EntityManager): Promise<string[]>;
//# sourceMappingURL=ledger-rebuild.sql.d.ts.map