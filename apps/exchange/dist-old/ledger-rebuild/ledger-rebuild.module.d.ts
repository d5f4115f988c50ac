/** The exchange as far as a rebuild of the ledger needs it: nothing listens, nothing is delivered. */
export declare class LedgerRebuildModule {
}
//# sourceMappingURL=ledger-rebuild.module.d.ts.map