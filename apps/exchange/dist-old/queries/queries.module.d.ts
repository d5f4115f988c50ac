export declare class QueriesModule {
}
//# sourceMappingURL=queries.module.d.ts.map