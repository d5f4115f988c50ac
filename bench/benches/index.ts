import type { Bench } from '../lib/bench.ts';
import { curve } from './curve.ts';
import { ledger } from './ledger.ts';
import { memory } from './memory.ts';
import { batch, single } from './publish.ts';
import { pull } from './pull.ts';
import { stop } from './stop.ts';
import { isolation, webhook } from './webhook.ts';

/** In the order in which they run. */
export const benches: Bench[] = [single, batch, ledger, pull, webhook, isolation, stop, memory, curve];
