import { codeOf } from './cli-error';

/** What a command sees of the world around it. */
export type Io = {
  /** Resolves once the text has left the process. Errors: `OutputClosed`. */
  out: (text: string) => Promise<void>;
  err: NodeJS.WritableStream & { isTTY?: boolean };
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Aborted by the first Ctrl-C; for commands that have something to bring to an end. */
  stopSignal: () => AbortSignal;
};

/** Whoever read our output has gone, as `head` does: there is nobody to tell. */
export class OutputClosed extends Error {}

export function processIo(): Io {
  // A broken pipe is met where the writing is awaited; without a listener it would end the process.
  process.stdout.on('error', () => undefined);
  const stopSignal = (): AbortSignal => {
    const stop = new AbortController();
    // Once: the second Ctrl-C ends the process at once.
    process.once('SIGINT', () => stop.abort());
    return stop.signal;
  };
  const out = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      process.stdout.write(text, (error) => {
        if (!error) resolve();
        else reject(codeOf(error) === 'EPIPE' ? new OutputClosed('the output is closed', { cause: error }) : error);
      });
    });
  return { out, err: process.stderr, env: process.env, cwd: process.cwd(), stopSignal };
}
