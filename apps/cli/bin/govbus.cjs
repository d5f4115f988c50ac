#!/usr/bin/env node
'use strict';
// Runs dist/main.js on the Node.js that the workspace is built for: the one that called, or the workspace's own.
const { spawn } = require('node:child_process');
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const main = join(__dirname, '../dist/main.js');
const own = join(__dirname, '../../../node_modules/.bin/node');
const isOld = Number(process.versions.node.split('.')[0]) < 24;

if (!existsSync(main)) {
  console.error('govbus: the command line tool is not built; run `npm start` first');
  process.exitCode = 1;
} else if (!isOld) {
  require(main);
} else if (existsSync(own) && !process.env.GOVBUS_NODE_CHOSEN) {
  const env = { ...process.env, GOVBUS_NODE_CHOSEN: '1' };
  const child = spawn(own, [__filename, ...process.argv.slice(2)], { stdio: 'inherit', env });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  // Ctrl-C reaches the child by the terminal; the others are passed on.
  for (const signal of signals) process.on(signal, () => signal === 'SIGINT' || child.kill(signal));
  child.on('exit', (code, signal) => {
    for (const name of signals) process.removeAllListeners(name);
    if (signal) process.kill(process.pid, signal);
    else process.exitCode = code ?? 1;
  });
} else {
  console.error(`govbus: Node.js ${process.versions.node} is too old; run \`npm ci\`, which brings Node.js 24`);
  process.exitCode = 1;
}
