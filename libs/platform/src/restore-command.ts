import type { Topic } from '@govbus/contracts';
import { ConfigError, loadConfig, type ServiceConfig } from './config';
import { type NounRestore, type Restored, type RestoredChange, RestoredRegistry } from './restored-registry';
import { createApp, type RootModule } from './start-service';

const say = (text: string): void => void process.stderr.write(`${text}\n`);

/**
 * The operator's command of an owner, once after its database was restored and before it starts again
 * (docs/how-to/run-on-your-own-servers.md). `module` provides `RestoredRegistry`; `nounsOf` as its `run` wants them.
 *
 * Errors: ends the process with 78 on wrong settings, with 1 when nothing could be done; both say what to do.
 */
export async function startRestore<T extends ServiceConfig>(
  module: RootModule<T>,
  Config: new () => T,
  topic: Topic,
  nounsOf: (config: T) => NounRestore[],
): Promise<void> {
  try {
    const config = loadConfig(Config);
    const app = await createApp(module, config, { kafka: false });
    try {
      report(topic, await app.get(RestoredRegistry).run(topic, nounsOf(config)));
    } finally {
      await app.close();
    }
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    if (!(error instanceof ConfigError))
      say('nothing was changed: mend it and run this again, before the service starts');
    process.exitCode = error instanceof ConfigError ? 78 : 1;
  }
}

function report(topic: string, { held, rows, lifted, changes }: Restored): void {
  say(`${topic} holds ${held} records, the backup ${rows}; ${lifted} of these have a version above the topic's now`);
  list(changes, 'known', 'decided after the backup, taken back from the topic:');
  list(changes, 'unknown', 'not in the backup; look at each of them:');
  say('start the service: it sends all records, and its copies are read anew');
}

function list(changes: RestoredChange[], origin: RestoredChange['from'], title: string): void {
  const found = changes.filter(({ from }) => from === origin);
  if (found.length === 0) return;
  say(title);
  for (const { key, status } of found) say(`  ${key} is ${status}`);
}
