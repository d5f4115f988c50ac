// Loaded before the exchange of a city (`node --require`): its roles are those that a file names when it starts, and its
// clock is off by as many milliseconds as another says (`.seen` beside it holds what was seen there). Timers are not touched, as they are not by a step of the machine's
// clock.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const { GOVBUS_CHAOS_CLOCK_FILE: file, GOVBUS_CHAOS_ROLES_FILE: roles, GOVBUS_CHAOS_OF: main } = process.env;

// Whoever starts the service inherits the settings as well, and stays as it is.
if (file && roles && main && process.argv[1]?.endsWith(main)) {
  if (existsSync(roles)) process.env.EXCHANGE_ROLES = readFileSync(roles, 'utf8');
  const Real = Date;
  let offsetMs: number | undefined;
  const read = (): number => {
    try {
      return Number(readFileSync(file, 'utf8'));
    } catch {
      return 0;
    }
  };
  const look = (): void => {
    const seenMs = read();
    if (seenMs !== offsetMs) writeFileSync(`${file}.seen`, String(seenMs));
    offsetMs = seenMs;
  };
  look();
  setInterval(look, 100).unref();
  const now = (): number => Real.now() + (offsetMs ?? 0);
  globalThis.Date = new Proxy(Real, {
    construct: (target, args, self) => Reflect.construct(target, args.length === 0 ? [now()] : args, self) as object,
    apply: () => new Real(now()).toString(),
    get: (target, name) => (name === 'now' ? now : (Reflect.get(target, name) as unknown)),
  });
}
