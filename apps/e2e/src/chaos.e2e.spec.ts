import { chaos, cityForChaos } from './chaos';
import type { RunningCity } from './running-city';

let city: RunningCity;

beforeAll(async () => {
  city = await cityForChaos(3);
}, 300_000);
afterAll(() => city.remove());

it('keeps every promise under load, whatever is killed, away, full or off (P1, P3, P4, P5, P7)', async () => {
  const said: string[] = [];
  const times = { seconds: 0, outageSeconds: 5, holdSeconds: 2, pauseSeconds: 1, form: 'short' as const };
  const verdicts = await chaos(city, {
    ...times,
    seed: 20_261_125,
    brokers: 3,
    apart: true,
    say: (text) => said.push(text),
  });
  const broken = verdicts.filter(({ holds }) => !holds);
  const logs = broken.length > 0 ? city.keepLogs() : undefined;
  expect({ said, broken, logs }).toEqual({ said, broken: [], logs: undefined });
}, 1_800_000);
