import { Invalid } from '@govbus/contracts';
import type { ApiPropertyOptions } from '@nestjs/swagger';

/** From where events are wanted: all, only new ones, from a position on, or from the first recorded at a time on. */
export type Start = Place | { time: string };
/** A start that needs no look into the ledger. */
export type Place = 'beginning' | 'now' | { position: number };

/** A time with its offset from UTC, as in RFC 3339; seconds may be left out. Not each that is so written is a time. */
export const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/** How a start looks in the interface description. */
export const startSchema: ApiPropertyOptions = {
  oneOf: [
    { type: 'string', enum: ['beginning', 'now'] },
    {
      type: 'object',
      required: ['position'],
      properties: { position: { type: 'integer', minimum: 1 } },
      additionalProperties: false,
      description: 'the first event wanted',
    },
    {
      type: 'object',
      required: ['time'],
      properties: { time: { type: 'string', format: 'date-time' } },
      additionalProperties: false,
      description: 'the first event recorded at or after',
    },
  ],
};

/**
 * A start as a request gave it.
 *
 * Errors: `Invalid` `request.invalid` with `pointer` when it is none.
 */
export function readStart(value: unknown, pointer: string): Start {
  if (value === 'beginning' || value === 'now') return value;
  const [[key, given] = ['', undefined], ...others] =
    typeof value === 'object' && value !== null ? Object.entries(value as Record<string, unknown>) : [];
  if (others.length === 0) {
    if (key === 'position' && typeof given === 'number' && Number.isSafeInteger(given) && given >= 1)
      return { position: given };
    if (key === 'time' && typeof given === 'string' && instant.test(given) && !Number.isNaN(Date.parse(given)))
      return { time: given };
  }
  const detail = 'must be `beginning`, `now`, `{ position }` from 1 on, or `{ time }` with its offset from UTC';
  throw new Invalid('request.invalid', 'the request breaks its rules', {
    faults: [{ pointer, code: 'start', detail }],
  });
}

/**
 * The position after which delivery goes on.
 *
 * Errors: `Invalid` `position.beyond-head`: the next event to come is the last that may be asked for.
 */
export function positionBefore(start: Place, head: number): number {
  if (start === 'beginning') return 0;
  if (start === 'now') return head;
  if (start.position > head + 1) throw new Invalid('position.beyond-head', `the dataset ends at position ${head}`);
  return start.position - 1;
}

type Progress = {
  ackedPosition: number;
  disclosedPosition: number;
  heldFrom: number | null;
  replays: number;
  version: number;
};

/** Up to where everything is done with: what is held is not, although the cursor is behind it. */
export const donePosition = ({ ackedPosition, heldFrom }: Pick<Progress, 'ackedPosition' | 'heldFrom'>): number =>
  heldFrom === null ? ackedPosition : Math.min(ackedPosition, heldFrom - 1);

/**
 * What moving to another place changes. Going back before the end of what was shown leaves that as it is, so that its
 * cursors stay good, and makes what is sent again other messages; what is skipped counts as done with, and nothing behind it can be
 * acknowledged before it was disclosed.
 */
export function seek(subscription: Progress, after: number) {
  return {
    ackedPosition: after,
    disclosedPosition: Math.max(subscription.disclosedPosition, after),
    replays: subscription.replays + (after < subscription.disclosedPosition ? 1 : 0),
    ...freshStart(subscription),
  };
}

/**
 * What passing over everything up to `through` changes.
 *
 * Errors: `Invalid` `position.not-ahead` when that is done with already.
 */
export function skip(subscription: Progress, through: number) {
  if (through <= donePosition(subscription))
    throw new Invalid('position.not-ahead', 'everything up to there is done with already');
  const ackedPosition = Math.max(subscription.ackedPosition, through);
  const disclosedPosition = Math.max(subscription.disclosedPosition, through);
  return { ackedPosition, disclosedPosition, ...freshStart(subscription) };
}

const freshStart = ({ version }: Progress) => {
  const nothing = { pageThrough: null, pageAttempts: 0, failures: 0, lastError: null, nextAttemptAt: null };
  return { ...nothing, version: version + 1 };
};
