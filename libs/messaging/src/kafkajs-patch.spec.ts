import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

// In a process as the services are: Jest keeps modules of its own. With tracing, `require` is another one.
it.each([
  ['a service', []],
  ['a service that is traced', ['-r', '@govbus/platform/otel']],
])('takes the place of the inner modules of kafkajs in %s', (_, flags) => {
  const script = `
    const { replaced } = require('./dist/kafkajs-patch');
    require('./dist/index');
    const same = Object.entries(replaced).map(([path, by]) => require(path) === by);
    const batch = require('kafkajs/src/protocol/recordBatch/v0').RecordBatch({ firstTimestamp: 0, maxTimestamp: 0 });
    same.push(batch instanceof Promise, /allocUnsafe/.test(require('kafkajs/src/protocol/encoder').prototype.writeEncoder));
    same.push(/Cursor/.test(require('kafkajs/src/protocol/recordBatch/v0/decoder')));
    same.push(/isStopped/.test(require('kafkajs/src/consumer/fetchManager')));
    const isMended = (path, name, by) => by.test(require('kafkajs/src/' + path).prototype[name]);
    same.push(isMended('network/connection', 'send', /drop/), isMended('broker', 'connect', /ClosedError/));
    same.push(isMended('network/requestQueue', 'scheduleCheckPendingRequests', /call/));
    same.push(isMended('consumer/consumerGroup', 'seekOffsets', /wanted/), isMended('consumer/runner', 'handleBatch', /owesCommit/));
    batch.then(({ buf }) => console.log(JSON.stringify([...same, buf.length === 61])));`;
  const out = execFileSync(process.execPath, [...flags, '-e', script], {
    cwd: join(__dirname, '..'),
    encoding: 'utf8',
  });
  expect(JSON.parse(out)).toEqual(Array.from({ length: 15 }, () => true));
});
