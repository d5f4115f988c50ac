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

/** The message of whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
/** The code of a system error, such as `ENOENT`; undefined when there is none. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
