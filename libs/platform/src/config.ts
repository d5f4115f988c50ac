import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { plainToInstance, Type } from 'class-transformer';
import { IsIn, IsInt, IsString, IsUrl, Matches, Max, Min, ValidateBy, validateSync } from 'class-validator';

const address = { require_tld: false, require_protocol: true, protocols: ['http', 'https'] };

/** Ranges of addresses, with commas between. */
const IsAddressRanges = (): PropertyDecorator =>
  ValidateBy({
    name: 'isAddressRanges',
    validator: {
      validate: (value) => typeof value === 'string' && value.split(',').every(isRange),
      defaultMessage: () => 'METRICS_FROM must be ranges such as 10.0.0.0/8, with commas between',
    },
  });

function isRange(text: string): boolean {
  const [address = '', prefix = '', ...more] = text.split('/');
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return more.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits;
}

/**
 * Settings that every service has; a service's `AppConfig` extends it. Read once from the environment by `loadConfig`.
 * No secret has a default.
 */
export abstract class ServiceConfig {
  /** Loopback unless told otherwise. */
  @IsString() HOST = '127.0.0.1';
  /** Where it listens; 0: any free port. */
  @Type(() => Number) @IsInt() @Min(0) @Max(65535) PORT: number;
  /** Where others reach this service, without a slash at the end. */
  @IsUrl(address) PUBLIC_URL: string;
  /**
   * The service's own database, `postgres://user:password@host:port/name`; migrated at the start. Reached directly, never
   * through a pooler in transaction mode; with TLS, `?sslmode=verify-full` at the end.
   */
  @Matches(/^postgres(ql)?:\/\//, { message: 'DATABASE_URL must be a postgres:// address' }) DATABASE_URL: string;
  /** `host:port`, several with commas. */
  @Matches(/^[^,\s]+:\d+(,[^,\s]+:\d+)*$/, { message: 'KAFKA_BROKERS must be host:port, several with commas' })
  KAFKA_BROKERS: string;
  /** Whether the brokers are spoken to by TLS. */
  @IsIn(['on', 'off']) KAFKA_TLS: 'on' | 'off' = 'off';
  /** As whom the issuer gives tokens for the brokers (SASL/OAUTHBEARER); empty: the brokers ask for none. */
  @IsString() KAFKA_CLIENT_ID = '';
  /** File with the secret of `KAFKA_CLIENT_ID`. */
  @IsString() KAFKA_CLIENT_SECRET_FILE = '';
  /** Issuer of the access tokens, exactly as in their `iss`. */
  @IsUrl(address) OIDC_ISSUER: string;
  /** What the tokens' `aud` must contain. */
  @IsString() AUDIENCE = 'govbus';
  /** The least that is logged. */
  @IsIn(['debug', 'info', 'warn', 'error', 'silent']) LOG_LEVEL = 'info';
  /** Who may read `/metrics`: ranges of addresses, with commas between; requests that a proxy passes on never. */
  @IsAddressRanges() METRICS_FROM = '127.0.0.0/8,::1/128';
  /** How long the process may finish what it has begun when it is told to end; then it ends with 1. */
  @Type(() => Number) @IsInt() @Min(1) @Max(600) SHUTDOWN_SECONDS = 12;
  /** Connections to PostgreSQL, at most. */
  @Type(() => Number) @IsInt() @Min(2) @Max(200) DATABASE_POOL = 20;

  /** The brokers as a list. */
  get brokers(): string[] {
    return this.KAFKA_BROKERS.split(',');
  }
}

/** Settings that are missing or wrong: names and reasons, never values. */
export class ConfigError extends Error {
  constructor(readonly faults: string[]) {
    super(`settings are missing or wrong:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/**
 * The settings as an instance of `Config`.
 *
 * Shape: only properties declared by the class are read; an empty value counts as missing.
 * Errors: `ConfigError` with every fault at once.
 */
export function loadConfig<T extends ServiceConfig>(Config: new () => T, env: NodeJS.ProcessEnv = process.env): T {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const config = plainToInstance(Config, given, { exposeDefaultValues: true });
  // The rest of the environment is none of the service's business: it is taken off again.
  const errors = validateSync(config, { whitelist: true, skipMissingProperties: false });
  if (errors.length > 0)
    throw new ConfigError(errors.flatMap((error) => Object.values(error.constraints ?? { [error.property]: 'wrong' })));
  return config;
}

/**
 * The trimmed content of a secret's file.
 *
 * Errors: `ConfigError` when the file cannot be read or is empty; the content is never part of it.
 */
export function readSecretFile(setting: string, path: string): string {
  let content: string;
  try {
    content = readFileSync(path, 'utf8').trim();
  } catch {
    throw new ConfigError([`${setting} names a file that cannot be read`]);
  }
  if (content === '') throw new ConfigError([`${setting} names an empty file`]);
  return content;
}

/**
 * The key in a secret's file.
 *
 * Shape: 32 bytes, in base64.
 * Errors: `ConfigError` as of `readSecretFile`, and when they are not 32 bytes.
 */
export function readKeyFile(setting: string, path: string): Buffer {
  const key = Buffer.from(readSecretFile(setting, path), 'base64');
  if (key.length !== 32) throw new ConfigError([`${setting} must hold 32 bytes in base64`]);
  return key;
}
