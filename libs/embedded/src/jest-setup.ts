import { startKafka } from './kafka';
import { startPostgres } from './postgres';

type Stops = { govbusStops?: (() => Promise<void>)[] };

/** Throw-away servers for one Jest run, unless the environment names some. */
export default async function setup(): Promise<void> {
  const stops: (() => Promise<void>)[] = [];
  (globalThis as Stops).govbusStops = stops;
  const starting: Promise<void>[] = [];
  if (!process.env.TEST_DATABASE_URL)
    starting.push(
      startPostgres().then(({ url, stop }) => {
        process.env.TEST_DATABASE_URL = url;
        stops.push(stop);
      }),
    );
  if (!process.env.TEST_KAFKA_BROKERS)
    starting.push(
      startKafka().then(({ brokers, stop }) => {
        process.env.TEST_KAFKA_BROKERS = brokers;
        stops.push(stop);
      }),
    );
  await Promise.all(starting);
}
