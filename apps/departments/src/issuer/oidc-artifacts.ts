import { Clock, LOGGER, type Logger } from '@govbus/platform';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import { DataSource } from 'typeorm';

const purgeEveryMs = 60_000;
/** Most artifacts that one purge deletes at once, so that it never holds locks for long. */
const purgeBatch = 5_000;
type Row = { payload: AdapterPayload; consumed_at: Date | null };

/** What the issuer must remember between requests and processes: replayed assertions, later codes and grants. */
@Injectable()
export class OidcArtifacts implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    readonly db: DataSource,
    readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.purgeExpired().catch((err: unknown) => this.logger.warn({ err }, 'purge of expired artifacts failed'));
    }, purgeEveryMs);
    this.timer.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** Deletes what has expired, and returns how many that were. May run in several processes at once. */
  async purgeExpired(): Promise<number> {
    let purged = 0;
    for (;;) {
      const [, deleted] = await this.db.query<[unknown, number]>(
        `DELETE FROM oidc_artifacts WHERE (model, id) IN (
           SELECT model, id FROM oidc_artifacts WHERE expires_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`,
        [this.clock.now(), purgeBatch],
      );
      purged += deleted;
      if (deleted < purgeBatch) return purged;
    }
  }

  /** The store of one model. */
  adapterOf(model: string): Adapter {
    return new PostgresAdapter(model, this.db, this.clock);
  }
}

/** The adapter contract of `oidc-provider` over `oidc_artifacts`; what has expired is not found. */
class PostgresAdapter implements Adapter {
  constructor(
    private readonly model: string,
    private readonly db: DataSource,
    private readonly clock: Clock,
  ) {}

  async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    const now = this.clock.now();
    const expiresAt = expiresIn === undefined ? null : new Date(now.getTime() + expiresIn * 1000);
    // The provider looks for a used assertion and stores it in two steps. Of two requests in between, one must lose.
    const once = this.model === 'ReplayDetection' ? 'WHERE oidc_artifacts.expires_at <= $8' : '';
    const stored = await this.db.query<unknown[]>(
      `INSERT INTO oidc_artifacts (model, id, payload, grant_id, uid, user_code, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (model, id) DO UPDATE SET payload = excluded.payload, grant_id = excluded.grant_id,
         uid = excluded.uid, user_code = excluded.user_code, expires_at = excluded.expires_at, consumed_at = NULL
         ${once}
       RETURNING 1`,
      [
        this.model,
        id,
        JSON.stringify(payload),
        payload.grantId ?? null,
        payload.uid ?? null,
        payload.userCode ?? null,
        expiresAt,
        ...(once ? [now] : []),
      ],
    );
    if (once && stored.length === 0)
      throw new errors.InvalidClientAuth('client assertion tokens must only be used once');
  }

  find(id: string): Promise<AdapterPayload | undefined> {
    return this.findBy('id', id);
  }

  findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.findBy('uid', uid);
  }

  findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return this.findBy('user_code', userCode);
  }

  async consume(id: string): Promise<void> {
    await this.db.query('UPDATE oidc_artifacts SET consumed_at = $3 WHERE model = $1 AND id = $2', [
      this.model,
      id,
      this.clock.now(),
    ]);
  }

  async destroy(id: string): Promise<void> {
    await this.db.query('DELETE FROM oidc_artifacts WHERE model = $1 AND id = $2', [this.model, id]);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    await this.db.query('DELETE FROM oidc_artifacts WHERE grant_id = $1', [grantId]);
  }

  private async findBy(column: 'id' | 'uid' | 'user_code', value: string): Promise<AdapterPayload | undefined> {
    // PostgreSQL keeps no text with NUL, and takes none to look for.
    if (value.includes('\u0000')) return undefined;
    const [row] = await this.db.query<Row[]>(
      `SELECT payload, consumed_at FROM oidc_artifacts
        WHERE model = $1 AND ${column} = $2 AND (expires_at IS NULL OR expires_at > $3)`,
      [this.model, value, this.clock.now()],
    );
    if (!row) return undefined;
    const consumed = row.consumed_at && { consumed: Math.floor(row.consumed_at.getTime() / 1000) };
    return { ...row.payload, ...consumed };
  }
}
