// The ledger again from Kafka, by the operator: docs/how-to/rebuild-the-ledger.md.
import { parseArgs } from 'node:util';
import { ConfigError, createApp, loadConfig } from '@govbus/platform';
import { AppConfig } from './app.config';
import { LedgerRebuild, type Rebuilt } from './ledger-rebuild/ledger-rebuild';
import { LedgerRebuildModule } from './ledger-rebuild/ledger-rebuild.module';

const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** At most once a second: how far, how many a second. */
function progress(): (done: number, total: number) => void {
  const began = performance.now();
  let saidAt = began;
  return (done, total) => {
    const now = performance.now();
    if (now - saidAt < 1_000 && done < total) return;
    saidAt = now;
    say(`${done} of ${total} messages, ${Math.round((done * 1_000) / Math.max(now - began, 1))}/s`);
  };
}

function report({ inconsistent, ...counts }: Rebuilt): void {
  const counted = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  say(`the ledger holds ${counted.join(', ')}`);
  if (inconsistent.length === 0) return say('positions are dense, and all counts agree');
  say(`not consistent: ${inconsistent.join(', ')}`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { wipe: { type: 'boolean' }, 'accept-loss': { type: 'boolean' } } });
  const app = await createApp(LedgerRebuildModule, loadConfig(AppConfig), { kafka: false });
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => stop.abort(new Error('stopped; run it again without --wipe and it goes on')));
  try {
    const { wipe = false, 'accept-loss': acceptLoss = false } = values;
    report(await app.get(LedgerRebuild).run({ wipe, acceptLoss, onProgress: progress(), signal: stop.signal }));
  } finally {
    await app.close();
  }
}

main().catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof ConfigError ? 78 : 1;
});
