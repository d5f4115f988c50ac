/** The one source of time. Inject it; `new Date()` anywhere else is a lint error. */
export class Clock {
  /** Now, as the machine says it (UTC inside). */
  now(): Date {
    return new Date();
  }
}

/** A clock that stands where it is set; for specs. */
export class FixedClock extends Clock {
  constructor(private time: Date) {
    super();
  }
  override now(): Date {
    return this.time;
  }
  /** Sets the time to `time`. */
  set(time: Date): void {
    this.time = time;
  }
}
