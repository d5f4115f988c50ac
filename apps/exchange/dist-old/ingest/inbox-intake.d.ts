import { type HeadedMessage, Producer } from '@govbus/messaging';
import { type Logger, Principals } from '@govbus/platform';
import { ExchangeMetrics } from '../operations/exchange-metrics';
import { IngestLimits } from './ingest-limits';
import { Publication } from './publication';
import { Refusals } from './refusals';
/** The topic into which a system writes its events, and the system of a topic. */
export declare const inboxOf: (systemId: string) => string;
/**
 * Takes messages of `inbox.<system>` through the checks of `POST /v1/events`; the caller is the system of the topic, since
 * Kafka lets nobody else write there.
 */
export declare class InboxIntake {
    private readonly publication;
    private readonly producer;
    private readonly refusals;
    private readonly metrics;
    private readonly principals;
    private readonly limits;
    private readonly logger;
    private readonly recorded;
    constructor(publication: Publication, producer: Producer, refusals: Refusals, metrics: ExchangeMetrics, principals: Principals, limits: IngestLimits, logger: Logger);
    /**
     * Resolves when accepted messages are on the bus, and refused ones in the audit log and on `inbox.<system>.rejected`;
     * with how long the system is to rest. May run twice: the ledger knows an event that comes again.
     *
     * Errors: `Unavailable`, or that of the database, when it is to be tried again.
     */
    take(topic: string, partition: number, messages: HeadedMessage[]): Promise<{
        restMs: number;
    }>;
    private callerOf;
    private outcomeOf;
    private record;
}
//# sourceMappingURL=inbox-intake.d.ts.map