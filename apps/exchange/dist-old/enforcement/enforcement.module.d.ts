/** What bounds every use of an agreement, whichever feature it comes through. */
export declare class EnforcementModule {
}
//# sourceMappingURL=enforcement.module.d.ts.map