import type { EntityManager } from 'typeorm';
import { type LedgerChunk } from '../ledger/ledger-reads.sql';
/**
 * Blocks of the ledger that one consumer after the other reads: read and parsed once (bench `pull`). What stands at a
 * position never changes, so a whole block is as good as the table.
 *
 * INVARIANT: nobody changes a row or its record. Lenses make new objects.
 */
export declare class LedgerBlocks {
    private readonly blocks;
    /** How far each dataset's ledger was when it was last looked at. */
    private readonly heads;
    /** As `readLedger`; a chunk ends where its block does. */
    read(datasetId: string, after: number, limit: number, tx: EntityManager): Promise<LedgerChunk>;
}
//# sourceMappingURL=ledger-blocks.d.ts.map