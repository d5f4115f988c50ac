import { RunningCity } from './running-city';

type Global = { govbusCity?: RunningCity };

/** One city for all specs of the run; those that stop or break it start their own. */
export default async function setup(): Promise<void> {
  const city = await RunningCity.start();
  (globalThis as Global).govbusCity = city;
  process.env['GOVBUS_E2E_DIR'] = city.dir;
  process.env['GOVBUS_E2E_BASE'] = String(city.base);
}

export async function tearDown(): Promise<void> {
  await (globalThis as Global).govbusCity?.remove();
}
