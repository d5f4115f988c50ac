import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import pg from 'pg';
import type { EntityManager } from 'typeorm';
import { ServiceConfig } from './config';
import { LOGGER, type Logger } from './logger';

type Listener = { hear: (payload: string) => void; resync?: () => void };

/**
 * Wake-ups between the processes of one service (LISTEN/NOTIFY): sent with the transaction, heard after its commit.
 *
 * A wake-up can be lost while the connection is away: `resync` is called after each reconnect, and whoever listens
 * looks at the tables then.
 */
@Injectable()
export class Changes implements OnApplicationShutdown {
  private readonly listeners = new Map<string, Listener[]>();
  private client: Promise<pg.Client> | undefined;
  private stopped = false;

  constructor(
    private readonly config: ServiceConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Calls `hear` with the payload of every committed `notify` on the channel; resolves when it listens. */
  async on(channel: string, hear: (payload: string) => void, resync?: () => void): Promise<void> {
    const known = this.listeners.get(channel);
    this.listeners.set(channel, [...(known ?? []), { hear, resync }]);
    this.client ??= this.connect();
    const client = await this.client;
    if (!known) await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
  }

  /** Tells every process of this service that listens on the channel, once `tx` has committed. */
  static async notify(channel: string, payload: string, tx: EntityManager): Promise<void> {
    await tx.query('SELECT pg_notify($1, $2)', [channel, payload]);
  }

  /** As `notify`, for many payloads. */
  static async notifyAll(channel: string, payloads: string[], tx: EntityManager): Promise<void> {
    if (payloads.length === 0) return;
    await tx.query('SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload', [channel, payloads]);
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    await this.client?.then((client) => client.end()).catch(() => undefined);
  }

  private async connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.config.DATABASE_URL, keepAlive: true });
    client.on('notification', ({ channel, payload }) => this.hear(channel, payload ?? ''));
    client.on('error', (err) => this.logger.warn({ err }, 'listening connection failed'));
    try {
      await client.connect();
      for (const channel of this.listeners.keys()) await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    // Only now: a connection that ends before is tried again by whoever asked for it, and once is enough.
    client.on('end', () => this.reconnect());
    return client;
  }

  private hear(channel: string, payload: string): void {
    for (const listener of this.listeners.get(channel) ?? []) listener.hear(payload);
  }

  private reconnect(): void {
    if (this.stopped) return;
    this.client = this.untilConnected();
    void this.client.then(() => {
      for (const listener of [...this.listeners.values()].flat()) listener.resync?.();
    });
  }

  private async untilConnected(): Promise<pg.Client> {
    for (;;) {
      await pause(500);
      if (this.stopped) return new pg.Client();
      try {
        return await this.connect();
      } catch (err) {
        this.logger.warn({ err }, 'listening connection not restored yet');
      }
    }
  }
}
