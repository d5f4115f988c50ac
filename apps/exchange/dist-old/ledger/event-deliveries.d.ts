import { DataSource } from 'typeorm';
import { Lenses } from '../delivery/lenses';
import type { EventDelivery } from './ledger.dto';
/** To whom an event went; `isComplete` is false when there may be more. */
export type EventDeliveries = {
    deliveries: EventDelivery[];
    isComplete: boolean;
};
/**
 * To whom an event was delivered, from the disclosures whose positions cover it. A disclosure keeps its first and last
 * position, not each between: whether the event was among them says the lens, as long as the terms are those of then;
 * otherwise it stays `possible`.
 */
export declare class DeliveriesOfEvents {
    private readonly db;
    private readonly lenses;
    constructor(db: DataSource, lenses: Lenses);
    of(datasetId: string, position: number): Promise<EventDeliveries>;
    private covering;
    private subscriptionOf;
    private lensesOn;
}
//# sourceMappingURL=event-deliveries.d.ts.map