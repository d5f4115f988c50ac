import { ServiceConfig } from '@govbus/platform';
import { type Role } from './roles';
/** Settings of the exchange. */
export declare class AppConfig extends ServiceConfig {
    /** What this process does: `ingest`, `ledger`, `delivery`, with commas between. */
    EXCHANGE_ROLES: string;
    /** File with 32 random bytes in base64: keys the hashes of data subjects; the same file as the audit service has. */
    SUBJECT_KEY_FILE: string;
    /** File with 32 random bytes in base64: root of the pseudonym, cursor and webhook keys. */
    PSEUDONYM_KEY_FILE: string;
    /** Whether webhooks may go to loopback and private addresses, and without TLS: for one machine and for tests. */
    WEBHOOK_ALLOW_PRIVATE: 'true' | 'false';
    /** Kafka group of the ledger's readers; another only for another exchange (its own database) on the same brokers. */
    LEDGER_GROUP: string;
    /** Whether each system gets a topic `inbox.<system>` of its own, which is read here. */
    INBOX: 'on' | 'off';
    /** Kafka group of the readers of inboxes; another only for another exchange on the same brokers. */
    INBOX_GROUP: string;
    /** Events that a system may publish each second through one process, twice as many at once; 0: no limit. */
    INGEST_EVENTS_PER_SECOND: number;
    /** Bytes that a system may publish each day (UTC) through all processes; 0: no limit. */
    INGEST_BYTES_PER_DAY: number;
    /** Hours that an exported file is kept. */
    EXPORT_HOURS: number;
    /** The roles, each once. */
    get roles(): Role[];
}
//# sourceMappingURL=app.config.d.ts.map