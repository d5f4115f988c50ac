import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Conflict, defineEvent, Forbidden, Invalid, NotFound, Stale, Unavailable } from '@govbus/contracts';
import { Outbox } from '@govbus/messaging';
import { Body, Controller, Get, Headers, HttpCode, Module, Param, Patch, Post, Query, Res } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, MaxLength, ValidateNested } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { Column, DataSource, Entity, type MigrationInterface, PrimaryColumn, type QueryRunner } from 'typeorm';
import { AnyCaller, type Caller, CurrentCaller, Scopes } from './auth/caller';
import { loadConfig, ServiceConfig } from './config';
import { lockOrFail } from './database';
import { assertIfMatch, etagOf } from './http/etag';
import { Idempotent } from './http/idempotency';
import { type Page, pageOf, PageQuery, readCursor } from './http/paging';
import { PlatformModule } from './platform.module';
import { createApp } from './start-service';

jest.setTimeout(120_000);

const endings: (() => Promise<unknown>)[] = [];
/** What a test opens ends with it, also when it fails: the last first. */
export function atEnd(end: () => Promise<unknown>): void {
  endings.unshift(end);
}
afterAll(async () => {
  for (const end of endings.splice(0)) await end();
}, 60_000);

/** Tries until `check` no longer throws; after the deadline it throws what the last try threw. */
export async function eventually<T>(check: () => T | Promise<T>, deadlineMs = 60_000): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > end) throw error;
      await pause(20);
    }
  }
}

export class NotesConfig extends ServiceConfig {}

@Entity('notes')
class Note {
  @PrimaryColumn('uuid') id: string;
  @Column('text') text: string;
  @Column('integer') version: number;
}
class CreateNotes1796000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE notes (id uuid PRIMARY KEY, text text NOT NULL UNIQUE, version integer NOT NULL)');
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE notes');
  }
}

class TagBody {
  @IsString() @MaxLength(10) name: string;
}
class NoteBody {
  @IsString() @MaxLength(200) text: string;
  @IsOptional() @IsInt() rank?: number;
  @IsOptional() @ValidateNested() @Type(() => TagBody) tag?: TagBody;
}
class NoteWrittenV1 {
  @IsString() text: string;
}
const NoteWritten = defineEvent<NoteWrittenV1>('notes.note-written.v1', {
  topic: 'exchange.events',
  data: NoteWrittenV1,
  key: ({ text }) => text,
});

const refusals: Record<string, Error> = {
  invalid: new Invalid('note.invalid', 'wrong', { faults: [{ pointer: '/text', code: 'text', detail: 'is wrong' }] }),
  forbidden: new Forbidden('note.forbidden', 'no'),
  'not-found': new NotFound('note.unknown', 'none'),
  conflict: new Conflict('note.conflict', 'not now'),
  stale: new Stale('note.stale', 'old'),
  unavailable: new Unavailable('note.unavailable', 'later', { retryAfterSeconds: 7 }),
  unexpected: Object.assign(new Error('planted'), { detail: 'planted', code: 'PLANTED', faults: ['planted'] }),
  'no-error': { planted: 'planted' } as unknown as Error,
};

/** While shut, writing a note waits. */
export const gate = { waiting: 0, opening: Promise.resolve(), open: (): void => undefined };
export function shutGate(): void {
  gate.opening = new Promise((resolve) => (gate.open = resolve));
}

@Controller('v1/notes')
class NotesController {
  constructor(
    private readonly db: DataSource,
    private readonly outbox: Outbox,
  ) {}

  @Get()
  @AnyCaller()
  async list(@Query() { limit, cursor }: PageQuery): Promise<Page<{ text: string }>> {
    const [after] = readCursor(cursor, 1) ?? [''];
    const rows = await this.db.manager
      .createQueryBuilder(Note, 'n')
      .where('n.text > :after', { after: String(after) })
      .orderBy('n.text')
      .limit(limit + 1)
      .getMany();
    return pageOf(
      rows,
      limit,
      ({ text }) => [text],
      ({ text }) => ({ text }),
    );
  }

  @Post()
  @Idempotent()
  @Scopes('admin', 'catalog:write')
  async write(@Body() { text }: NoteBody, @Res({ passthrough: true }) reply: FastifyReply): Promise<Note> {
    gate.waiting++;
    await gate.opening;
    const note = { id: randomUUID(), text, version: 1 };
    await this.db.transaction(async (tx) => {
      await this.outbox.add(NoteWritten, { text }, tx);
      await tx.insert(Note, note);
      if (text.startsWith('refused')) throw new Conflict('note.refused', 'the note is refused');
    });
    void reply.header('etag', etagOf(note.version)).header('location', `/v1/notes/${note.id}`);
    return note;
  }

  @Patch(':id')
  @AnyCaller()
  change(
    @Param('id') id: string,
    @Body() { text }: NoteBody,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<Note> {
    return this.db.transaction(async (tx) => {
      const note = await lockOrFail(Note, { id }, tx);
      assertIfMatch(ifMatch, note.version);
      return tx.save(Object.assign(note, { text, version: note.version + 1 }));
    });
  }

  @Get('refusals/:kind')
  @AnyCaller()
  refuse(@Param('kind') kind: string): never {
    throw refusals[kind] ?? new Error('no such refusal');
  }

  @Post('refusals/:kind')
  @HttpCode(200)
  @AnyCaller()
  refuseChange(@Param('kind') kind: string): never {
    throw refusals[kind] ?? new Error('no such refusal');
  }

  @Get('me')
  @AnyCaller()
  me(@CurrentCaller() caller: Caller): Caller {
    return caller;
  }

  @Get('closed')
  closed(): string {
    return 'nobody reads this';
  }
}

@Module({
  imports: [
    PlatformModule.register({
      service: 'notes',
      config: NotesConfig,
      entities: [Note],
      migrations: [CreateNotes1796000000000],
      registry: true,
    }),
  ],
  controllers: [NotesController],
})
class NotesModule {}

export async function newDatabase(server = process.env.TEST_DATABASE_URL ?? ''): Promise<string> {
  const admin = await new DataSource({ type: 'postgres', url: server }).initialize();
  const name = `platform_${randomUUID().replaceAll('-', '')}`;
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.destroy();
  const url = new URL(server);
  url.pathname = name;
  return url.href;
}

/** The notes service on a database of its own, answering `inject`. */
export async function startNotes(
  issuer: string,
  { databaseUrl, kafka = false }: { databaseUrl?: string; kafka?: boolean } = {},
): Promise<NestFastifyApplication> {
  const config = loadConfig(NotesConfig, {
    PORT: '0',
    PUBLIC_URL: 'http://127.0.0.1:1',
    DATABASE_URL: databaseUrl ?? (await newDatabase()),
    KAFKA_BROKERS: kafka ? process.env.TEST_KAFKA_BROKERS : '127.0.0.1:1',
    OIDC_ISSUER: issuer,
    LOG_LEVEL: 'silent',
  });
  const app = await createApp(NotesModule, config, { kafka });
  atEnd(() => app.close());
  return app;
}
