export declare class LedgerModule {
}
//# sourceMappingURL=ledger.module.d.ts.map