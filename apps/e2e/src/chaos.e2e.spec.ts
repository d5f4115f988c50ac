import { chaos } from './chaos';
import { RunningCity } from './running-city';

let city: RunningCity;

beforeAll(async () => {
  city = await RunningCity.start(13_000);
});
afterAll(() => city.remove());

it('keeps every promise while its processes are killed under load (P1, P3, P4, P5, P7)', async () => {
  const said: string[] = [];
  const verdicts = await chaos(city, { seed: 20_261_125, seconds: 25, say: (text) => said.push(text) });
  expect({ said, broken: verdicts.filter(({ holds }) => !holds) }).toEqual({ said, broken: [] });
}, 400_000);
