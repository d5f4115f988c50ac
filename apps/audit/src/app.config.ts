import { ServiceConfig } from '@govbus/platform';
import { Type } from 'class-transformer';
import { IsInt, IsString, Matches, Max, Min } from 'class-validator';

/** Settings of audit. */
export class AppConfig extends ServiceConfig {
  /** File with the Ed25519 private key (PKCS #8, PEM) that signs the checkpoints. */
  @IsString() AUDIT_SIGNING_KEY_FILE: string;
  /** The log's name in its checkpoints, such as `audit.example.org/govbus`. */
  @Matches(/^[^\s+]{1,200}$/, { message: 'AUDIT_ORIGIN must have no spaces and no plus' }) AUDIT_ORIGIN: string;
  /** File with the key of the data subjects' hashes, 32 bytes in base64: the same as the exchange's. */
  @IsString() SUBJECT_KEY_FILE: string;
  /** Kafka group of the readers. */
  @IsString() AUDIT_GROUP = 'audit.log';
  /** Seconds after which a search of the log is given up, so that none holds up the log's writer. */
  @Type(() => Number) @IsInt() @Min(1) @Max(600) SEARCH_SECONDS = 10;
}
