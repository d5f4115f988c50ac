// Loaded before the exchange of a city (`node --require`): its roles are those that a file names when it starts, and its
// clock is off by as many milliseconds as another says. Timers are not touched, as they are not by a step of the machine's
// clock.
import { existsSync, readFileSync } from 'node:fs';

const { GOVBUS_CHAOS_CLOCK_FILE: file, GOVBUS_CHAOS_ROLES_FILE: roles, GOVBUS_CHAOS_OF: main } = process.env;

// Whoever starts the service inherits the settings as well, and stays as it is.
if (file && roles && main && process.argv[1]?.endsWith(main)) {
  if (existsSync(roles)) process.env.EXCHANGE_ROLES = readFileSync(roles, 'utf8');
  const Real = Date;
  let offsetMs = 0;
  const look = (): void => {
    try {
      offsetMs = Number(readFileSync(file, 'utf8'));
    } catch {
      offsetMs = 0;
    }
  };
  look();
  setInterval(look, 100).unref();
  const now = (): number => Real.now() + offsetMs;
  globalThis.Date = new Proxy(Real, {
    construct: (target, args, self) => Reflect.construct(target, args.length === 0 ? [now()] : args, self) as object,
    apply: () => new Real(now()).toString(),
    get: (target, name) => (name === 'now' ? now : (Reflect.get(target, name) as unknown)),
  });
}
