// Loaded before every service of a city (`node --require`): its log says which process writes what follows.
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

const stdout = 1;

if (isMainThread && process.argv[1]?.endsWith(join('dist', 'main.js')))
  writeSync(stdout, `${JSON.stringify({ msg: 'process begins', pid: process.pid })}\n`);
