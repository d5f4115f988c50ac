/** What kind of failure it is; the edge maps each to one HTTP status (400, 403, 404, 409, 412, 503, 429). */
export type ErrorKind = 'invalid' | 'forbidden' | 'not-found' | 'conflict' | 'stale' | 'unavailable' | 'limited';

/** One fault inside a larger input: where (RFC 6901 pointer), which rule (`code`), what is wrong. Never a value. */
export type Fault = { pointer: string; code: string; detail: string };

/** Facts about an error that are safe to show to the caller: no payload values, nothing secret or personal. */
export type ErrorDetails = {
  faults?: Fault[];
  explanation?: Record<string, unknown>;
  /** What the refused act was about: goes into its audit entry, not into the answer. */
  about?: { datasetId?: string; agreementId?: string; subscriptionId?: string; purpose?: string };
  retryAfterSeconds?: number;
  cause?: unknown;
};

/**
 * A failure that the caller can understand.
 *
 * Shape: a stable `code` (`<noun>.<reason>`) and a message in lower case, inputs in backticks. Answered as an RFC 9457
 * problem by the one filter in `platform`; anything that is not a `DomainError` is a 500.
 */
export abstract class DomainError extends Error {
  abstract readonly kind: ErrorKind;

  constructor(
    readonly code: string,
    message: string,
    readonly details: ErrorDetails = {},
  ) {
    super(message, { cause: details.cause });
    this.name = new.target.name;
  }
}
/** 400: the input is wrong; sending it again unchanged cannot succeed. */
export class Invalid extends DomainError {
  readonly kind = 'invalid';
}
/** 403: the caller may know that it exists, and may not do this. */
export class Forbidden extends DomainError {
  readonly kind = 'forbidden';
}
/** 404: not there, or not for the caller to know. */
export class NotFound extends DomainError {
  readonly kind = 'not-found';
}
/** 409: the state does not allow it. */
export class Conflict extends DomainError {
  readonly kind = 'conflict';
}
/** 412: the caller acted on an older version (`If-Match`). */
export class Stale extends DomainError {
  readonly kind = 'stale';
}
/** 503: try again later; `retryAfterSeconds` says when. */
export class Unavailable extends DomainError {
  readonly kind: ErrorKind = 'unavailable';
}
/** 429: what may be used is used up; whoever waits for an `Unavailable` waits for this one, `retryAfterSeconds` long. */
export class Limited extends Unavailable {
  override readonly kind = 'limited';
}
