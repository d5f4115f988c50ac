import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PublishState } from './publish-state';

const dir = mkdtempSync(join(tmpdir(), 'govbus-publish-'));
afterAll(() => rmSync(dir, { recursive: true }));

it('knows how far a file has come at each exchange by itself', () => {
  const stateAt = (exchange: string): PublishState =>
    new PublishState(dir, { exchange, file: 'a.csv', size: 1, modifiedMs: 1, map: {}, system: 's', dataset: 'd' });
  const staging = stateAt('https://staging.test');
  staging.progress.done = 2;
  staging.save();
  expect(stateAt('https://staging.test').progress.done).toBe(2);
  expect(stateAt('https://prod.test').progress.done).toBe(0);
});
