import { ServiceConfig } from '@govbus/platform';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsString, Matches, Max, Min } from 'class-validator';
import { type Role, roles, rolesIn, rolesPattern } from './roles';

/** Settings of the exchange. */
export class AppConfig extends ServiceConfig {
  /** What this process does: `ingest`, `ledger`, `delivery`, with commas between. */
  @Matches(rolesPattern, { message: `EXCHANGE_ROLES must be of ${roles.join(', ')}, with commas between` })
  EXCHANGE_ROLES = roles.join(',');
  /** File with 32 random bytes in base64: keys the hashes of data subjects; the same file as the audit service has. */
  @IsString() SUBJECT_KEY_FILE: string;
  /** File with 32 random bytes in base64: root of the pseudonym, cursor and webhook keys. */
  @IsString() PSEUDONYM_KEY_FILE: string;
  /** Whether webhooks may go to loopback and private addresses, and without TLS: for one machine and for tests. */
  @IsIn(['true', 'false']) WEBHOOK_ALLOW_PRIVATE: 'true' | 'false' = 'false';
  /** Kafka group of the ledger's readers; another only for another exchange (its own database) on the same brokers. */
  @IsString() LEDGER_GROUP = 'exchange.ledger';
  /** Whether each system gets a topic `inbox.<system>` of its own, which is read here. */
  @IsIn(['on', 'off']) INBOX: 'on' | 'off' = 'on';
  /** Kafka group of the readers of inboxes; another only for another exchange on the same brokers. */
  @IsString() INBOX_GROUP = 'exchange.inbox';
  /** Events that a system may publish each second through one process, twice as many at once; 0: no limit. */
  @Type(() => Number) @IsInt() @Min(0) INGEST_EVENTS_PER_SECOND = 50_000;
  /** Bytes that a system may publish each day (UTC) through all processes; 0: no limit. */
  @Type(() => Number) @IsInt() @Min(0) INGEST_BYTES_PER_DAY = 0;
  /** Hours that an exported file is kept. */
  @Type(() => Number) @IsInt() @Min(1) @Max(720) EXPORT_HOURS = 24;
  /** Bytes that the exported files of a department may have together. */
  @Type(() => Number) @IsInt() @Min(1) EXPORT_MAX_BYTES = 20 * 1024 ** 3;
  /** Days that a disclosure is kept here, where the status of an event finds it; the audit log keeps it longer. */
  @Type(() => Number) @IsInt() @Min(1) @Max(36_500) DISCLOSURE_DAYS = 400;

  /** The roles, each once. */
  get roles(): Role[] {
    return rolesIn(this.EXCHANGE_ROLES);
  }
}
