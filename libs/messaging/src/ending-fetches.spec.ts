import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

// In a process of its own: where the fault is, no time limit within the process is heard.
const run = (what: string): string => {
  const script = `
    const { ${what}: wrap } = { ${what}: (original) => original, ...require('./dist/ending-fetches') };
    const create = wrap(require('kafkajs/src/consumer/fetchManager'));
    const logger = { namespace: () => logger, debug: () => {}, info: () => {} };
    let [nodes, isRunning, end] = [[1, 2], true];
    const manager = create({
      logger,
      getNodeIds: () => nodes,
      handler: () => {},
      // As a consumer does that no longer runs.
      fetch: async (node) => {
        if (!isRunning) return [];
        // One answers when it is told to, so that the other waits for it.
        await new Promise((answer) => (node === 1 ? setImmediate(answer) : (end = answer)));
        return [];
      },
    });
    const started = manager.start().then(() => console.log('ended'));
    setTimeout(() => {
      // The fetchers are about to be made anew, and wait for the slow one.
      nodes = [1];
      setTimeout(() => {
        isRunning = false;
        manager.stop();
        end();
      }, 20);
    }, 20);`;
  return execFileSync(process.execPath, ['-e', script], {
    cwd: join(__dirname, '..'),
    encoding: 'utf8',
    timeout: 5_000,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
};

it('end when a consumer stops while the brokers change', () => {
  expect(run('endingFetches')).toBe('ended\n');
});

it('do not with kafkajs alone, so that this is still needed', () => {
  expect(() => run('asItIs')).toThrow('ETIMEDOUT');
});
