/** Stops what `jest-setup` started. */
export default async function teardown(): Promise<void> {
  const { govbusStops } = globalThis as { govbusStops?: (() => Promise<void>)[] };
  await Promise.all((govbusStops ?? []).map((stop) => stop()));
}
