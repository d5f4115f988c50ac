export declare class SubscriptionsModule {
}
//# sourceMappingURL=subscriptions.module.d.ts.map