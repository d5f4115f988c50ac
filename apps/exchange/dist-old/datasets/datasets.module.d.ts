export declare class DatasetsModule {
}
//# sourceMappingURL=datasets.module.d.ts.map