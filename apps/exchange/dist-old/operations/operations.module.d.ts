/** What the exchange tells of its work. */
export declare class OperationsModule {
}
//# sourceMappingURL=operations.module.d.ts.map