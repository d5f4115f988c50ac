import { Invalid } from '@govbus/contracts';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, isUUID, Max, MaxLength, Min } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';

/** Query parameters of every list; extend it for filters. */
export class PageQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 500, default: 50 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(500)
  limit = 50;

  /** `nextCursor` of the page before. */
  @ApiPropertyOptional({ type: 'string', maxLength: 1000 })
  @IsOptional()
  @IsString()
  @MaxLength(1000)
  cursor?: string;
}

export type Page<T> = { items: T[]; nextCursor?: string };

/**
 * One page of a keyset-paged list.
 *
 * Shape: `rows` were fetched with `limit + 1`; `cursorOf` gives the sort key of the last row shown.
 */
export function pageOf<T, R>(rows: T[], limit: number, cursorOf: (row: T) => unknown[], view: (row: T) => R): Page<R> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const items = shown.map((row) => view(row));
  if (rows.length <= limit || last === undefined) return { items };
  return { items, nextCursor: Buffer.from(JSON.stringify(cursorOf(last))).toString('base64url') };
}

/**
 * The sort key in a cursor; undefined without one.
 *
 * Errors: `Invalid` `cursor.invalid` unless it holds `parts` strings or numbers.
 */
export function readCursor(cursor: string | undefined, parts: number): unknown[] | undefined {
  if (cursor === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    value = undefined;
  }
  const isKey = (part: unknown): boolean =>
    typeof part === 'number' || (typeof part === 'string' && !part.includes('\0'));
  if (!Array.isArray(value) || value.length !== parts || !value.every(isKey))
    throw new Invalid('cursor.invalid', 'the cursor is not one that this list gave out');
  return value as unknown[];
}

/** Where a list goes on that is sorted by a time and a UUID. */
export type ListCursor = { at: string; id: string };

// As the page wrote it: what else a machine takes for a time the database may not.
const instant = /^[1-9]\d{3}-\d\d-\d\dT[\d:.]{12}Z$/;

/**
 * The time and the id in a cursor; undefined without one.
 *
 * Errors: `Invalid` `cursor.invalid` when it holds anything else.
 */
export function readListCursor(cursor: string | undefined): ListCursor | undefined {
  const parts = readCursor(cursor, 2);
  if (!parts) return undefined;
  const [at, id] = parts;
  if (typeof at !== 'string' || !isTime(at) || typeof id !== 'string' || !isUUID(id))
    throw new Invalid('cursor.invalid', 'the cursor is not one that this list gave out');
  return { at, id };
}

// A day that its month has not is the machine's of the next month, and no day of the database.
const isTime = (at: string): boolean =>
  instant.test(at) && !Number.isNaN(Date.parse(at)) && new Date(at).toISOString() === at;

/** Sets `Link: <...>; rel="next"` (RFC 8288) on lists that go on. */
@Injectable()
export class NextLink implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(
      map((body: Partial<Page<unknown>> | undefined) => {
        if (typeof body === 'object' && body?.items && body.nextCursor) {
          const [path = '', query] = request.url.split('?');
          const parameters = new URLSearchParams(query);
          parameters.set('cursor', body.nextCursor);
          void reply.header('link', `<${path}?${parameters.toString()}>; rel="next"`);
        }
        return body;
      }),
    );
  }
}
