import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const dir = mkdtempSync(join(tmpdir(), 'govbus-keys-'));
afterAll(() => rmSync(dir, { recursive: true }));

const file = join(dir, 'issuer-keys.json');
const keysMake = (...args: string[]): { status: number | null; stderr: string } =>
  spawnSync(process.execPath, [join(__dirname, '../../../tools/keys-make.ts'), '--dir', dir, ...args], {
    env: { PATH: process.env['PATH'] },
    encoding: 'utf8',
  });
const ids = (): string[] =>
  (JSON.parse(readFileSync(file, 'utf8')) as { keys: { kid: string }[] }).keys.map((k) => k.kid);

it('changes the key of the issuer in three steps, each key with an id of its own', () => {
  expect(keysMake('--origin', 'spec.test/log')).toMatchObject({ status: 0 });
  const [old] = ids();
  expect(keysMake('--issuer-key', 'add')).toMatchObject({ status: 0 });
  const [first, fresh, ...more] = ids();
  expect([first, more]).toEqual([old, []]);
  expect(fresh).not.toBe(old);
  expect(keysMake('--issuer-key', 'use')).toMatchObject({ status: 0 });
  expect(ids()).toEqual([fresh, old]);
  expect(keysMake('--issuer-key', 'drop')).toMatchObject({ status: 0 });
  expect(ids()).toEqual([fresh]);
  expect(statSync(file).mode & 0o777).toBe(0o600);

  expect(keysMake('--issuer-key', 'drop')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^govbus: [^\n]+\n$/),
  });
  expect(keysMake('--issuer-key', 'nope')).toMatchObject({ status: 1 });
  expect(ids()).toEqual([fresh]);
});
