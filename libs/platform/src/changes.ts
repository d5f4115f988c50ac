import { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { ownSession } from '@govbus/messaging';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import pg from 'pg';
import type { EntityManager } from 'typeorm';
import { ServiceConfig } from './config';
import { LOGGER, type Logger } from './logger';

/** What takes its time answers a promise: until it is settled, the change counts as not heard (`heardAgeMs`). */
type Listener = { hear: (payload: string) => void | Promise<void>; resync?: () => void | Promise<void> };

const beatMs = 250;
// Longer than a busy event loop needs.
const silentMs = 2_000;

/**
 * Wake-ups between the processes of one service (LISTEN/NOTIFY): sent with the transaction, heard after its commit.
 *
 * A wake-up can be lost while the connection is away: `resync` is called after each reconnect, and whoever listens
 * looks at the tables then.
 */
@Injectable()
export class Changes implements OnApplicationShutdown {
  private readonly listeners = new Map<string, Listener[]>();
  /** When what is still being taken in was heard, oldest first. */
  private readonly takingIn = new Set<{ at: number }>();
  private answeredAt = -Infinity;
  private client: Promise<pg.Client> | undefined;
  private asking: Promise<unknown> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly config: ServiceConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Calls `hear` with the payload of every committed `notify` on the channel; resolves when it listens. */
  async on(channel: string, hear: Listener['hear'], resync?: Listener['resync']): Promise<void> {
    const known = this.listeners.get(channel);
    this.listeners.set(channel, [...(known ?? []), { hear, resync }]);
    this.client ??= this.connect();
    const client = await this.client;
    if (!known) await this.ask(client, `LISTEN ${client.escapeIdentifier(channel)}`);
  }

  /** Milliseconds before now; everything that was committed earlier has been heard, and taken in by who listens. */
  get heardAgeMs(): number {
    const [oldest] = this.takingIn;
    return performance.now() - Math.min(this.answeredAt, oldest?.at ?? Infinity);
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
    const socket = new Socket();
    const client = new pg.Client({ ...ownSession(this.config.DATABASE_URL, silentMs), stream: () => socket });
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
    void this.beat(client, socket);
    return client;
  }

  // PostgreSQL tells what was committed before it answers a statement that was sent later.
  private async beat(client: pg.Client, socket: Socket): Promise<void> {
    while (!socket.destroyed) {
      const at = performance.now();
      try {
        await this.ask(client, 'SELECT 1');
        this.answeredAt = at;
      } catch (err) {
        // Where this process itself stood still, the answer lies in the socket, and is read in the next turns.
        const read = socket.bytesRead;
        await pause(50, undefined, { ref: false });
        if (socket.bytesRead > read) continue;
        if (!this.stopped) this.logger.warn({ err }, 'listening connection does not answer');
        socket.destroy();
      }
      await pause(beatMs, undefined, { ref: false });
    }
  }

  // One statement at a time, as pg wants it.
  private ask(client: pg.Client, sql: string): Promise<unknown> {
    const answer = this.asking.then(() => client.query(sql));
    this.asking = answer.catch(() => undefined);
    return answer;
  }

  private hear(channel: string, payload: string): void {
    for (const listener of this.listeners.get(channel) ?? [])
      void this.takeIn(listener.hear(payload), performance.now());
  }

  private async takeIn(work: void | Promise<void>, at: number): Promise<void> {
    if (!work) return;
    const heard = { at };
    this.takingIn.add(heard);
    try {
      await work;
    } catch (err) {
      this.logger.warn({ err }, 'change not taken in');
    } finally {
      this.takingIn.delete(heard);
    }
  }

  private reconnect(): void {
    if (this.stopped) return;
    const lastHeardAt = this.answeredAt;
    this.client = this.untilConnected();
    void this.client.then(() => {
      for (const { resync } of [...this.listeners.values()].flat()) void this.takeIn(resync?.(), lastHeardAt);
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
