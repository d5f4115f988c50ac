/** What publishers ask the ledger: answered where they publish, by the role `ingest`. */
export declare class LedgerStatusModule {
}
//# sourceMappingURL=ledger-status.module.d.ts.map