/** Held by a rebuild for itself alone, and shared by each transaction that writes what comes in meanwhile. */
export declare const rebuildLock = 7030212;
/** Why events are written: because they were published, or again, by a rebuild of the ledger. */
export declare class LedgerOrigin {
    readonly isRebuild: boolean;
}
export declare class RebuildOrigin extends LedgerOrigin {
    readonly isRebuild = true;
}
//# sourceMappingURL=ledger-origin.d.ts.map