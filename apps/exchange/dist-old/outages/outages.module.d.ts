export declare class OutagesModule {
}
//# sourceMappingURL=outages.module.d.ts.map