import type { Bench } from '../lib/bench.ts';
import { batch, single } from './publish.ts';

/** In the order in which they run. */
export const benches: Bench[] = [single, batch];
