export declare class DeliveryModule {
}
//# sourceMappingURL=delivery.module.d.ts.map