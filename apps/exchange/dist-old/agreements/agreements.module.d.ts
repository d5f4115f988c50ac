export declare class AgreementsModule {
}
//# sourceMappingURL=agreements.module.d.ts.map