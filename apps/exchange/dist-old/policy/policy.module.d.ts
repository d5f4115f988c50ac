/** The one policy engine of the process, shared by ingest and delivery. */
export declare class PolicyModule {
}
//# sourceMappingURL=policy.module.d.ts.map