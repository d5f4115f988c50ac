/** Something the person at the terminal can act on: what is wrong, and what to do. `exitCode` 1. */
export class CliError extends Error {
  readonly exitCode: number = 1;

  constructor(what: string, todo: string, options?: ErrorOptions) {
    super(`${what}; ${todo}`, options);
    this.name = new.target.name;
  }
}

/** The command line itself is wrong. `exitCode` 2. */
export class UsageError extends CliError {
  override readonly exitCode = 2;
}

/** A service did not answer: refused, reset, or silent for too long. */
export class ServiceAway extends CliError {
  constructor(
    readonly origin: string,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(
      `${origin} does not answer (${reason})`,
      'start the system with `npm start`, or see `govbus status`',
      options,
    );
  }
}

// Not by class: an error may come from another realm of the process.
function textIn(error: unknown, member: string): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const value: unknown = Reflect.get(error, member);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The message of whatever was thrown. */
export const messageOf = (error: unknown): string => textIn(error, 'message') ?? codeOf(error) ?? String(error);
/** The code of a system error, such as `ENOENT`; undefined when there is none. */
export const codeOf = (error: unknown): string | undefined => textIn(error, 'code');
export const nameOf = (error: unknown): string | undefined => textIn(error, 'name');
/** What an error was caused by; undefined when it does not say. */
export const causeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null ? Reflect.get(error, 'cause') : undefined;
