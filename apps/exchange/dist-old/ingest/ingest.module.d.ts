export declare class IngestModule {
}
//# sourceMappingURL=ingest.module.d.ts.map