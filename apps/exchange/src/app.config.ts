import { ServiceConfig } from '@govbus/platform';
import { IsIn, IsString } from 'class-validator';

/** Settings of the exchange. */
export class AppConfig extends ServiceConfig {
  /** File with 32 random bytes in base64: keys the hashes of data subjects; the same file as the audit service has. */
  @IsString() SUBJECT_KEY_FILE: string;
  /** File with 32 random bytes in base64: root of the pseudonym, cursor and webhook keys. */
  @IsString() PSEUDONYM_KEY_FILE: string;
  /** Whether webhooks may go to loopback and private addresses, and without TLS: for one machine and for tests. */
  @IsIn(['true', 'false']) WEBHOOK_ALLOW_PRIVATE: 'true' | 'false' = 'false';
  /** Kafka group of the ledger's readers; another only for another exchange (its own database) on the same brokers. */
  @IsString() LEDGER_GROUP = 'exchange.ledger';
}
