import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedError, freePort, needFree, portInUse, ready, stopper, sweep } from './process';

const dir = mkdtempSync(join(tmpdir(), 'govbus-spec-'));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});
function run(script: string, ...args: string[]): ChildProcess {
  const child = spawn('bash', ['-c', script, 'bash', ...args], { cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
  children.push(child);
  return child;
}
const ended = (child: ChildProcess): Promise<unknown> => new Promise((resolve) => child.once('exit', resolve));

describe('a port', () => {
  it('that is taken gives one line that says what to do', async () => {
    const port = await freePort();
    expect(await portInUse(port)).toBe(false);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const refusal = await needFree(port, 'Kafka').catch((error: unknown) => error);
    await new Promise((resolve) => server.close(resolve));
    expect(refusal).toBeInstanceOf(EmbeddedError);
    expect(String(refusal)).toBe(
      `EmbeddedError: Kafka needs port ${port}, which is in use: stop what listens there, or choose another`,
    );
    await expect(needFree(port, 'Kafka')).resolves.toBeUndefined();
  });
});

describe('a server that does not start', () => {
  it.each([
    ['ends', 'echo why >&2; exit 3'],
    ['is killed', 'echo why >&2; kill -9 $$'],
  ])('because it %s tells the end of its log', async (_, script) => {
    const port = await freePort();
    await expect(ready(run(script), 'Kafka', port)).rejects.toThrow('Kafka did not start:\nwhy');
  });

  it('because its command is missing says so, and can be stopped all the same', async () => {
    const port = await freePort();
    const child = spawn(join(dir, 'missing'), { stdio: ['ignore', 'ignore', 'pipe'] });
    await expect(ready(child, 'Kafka', port)).rejects.toThrow('Kafka cannot be started');
    await stopper(child, 'SIGTERM')();
  });
});

describe('sweep', () => {
  it('ends servers on the directory, and nothing else', async () => {
    writeFileSync(join(dir, 'file'), '');
    const asServer = 'exec -a postgres tail -f "$1"';
    const other = mkdtempSync(join(tmpdir(), 'govbus-spec-'));
    writeFileSync(join(other, 'file'), '');
    const [named, inside, elsewhere, noServer] = [
      run(asServer, join(dir, 'file')),
      run('cd "$1"; exec -a "postgres: child" tail -f /dev/null', dir),
      run(asServer, join(other, 'file')),
      run('exec tail -f "$1"', join(dir, 'file')),
    ];
    const gone = Promise.all([ended(named), ended(inside)]);
    // A shell is no server yet: it is swept once it has become one.
    let isGone = false;
    void gone.then(() => (isGone = true));
    while (!isGone) {
      await sweep(dir, 'SIGINT');
      await new Promise(setImmediate);
    }
    expect([elsewhere.exitCode, elsewhere.signalCode, noServer.exitCode, noServer.signalCode]).toEqual(
      Array(4).fill(null),
    );
    rmSync(other, { recursive: true, force: true });
  });
});
