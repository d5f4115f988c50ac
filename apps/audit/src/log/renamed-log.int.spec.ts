import 'reflect-metadata';
import { leafHash, merkleRoot, verifyCheckpoint, verifyLog } from '@govbus/tlog';
import { AppConfig } from '../app.config';
import { entry, TestAudit } from '../test-audit.shared.spec';

let before: TestAudit;
let after: TestAudit;
beforeAll(async () => (before = await TestAudit.start()), 60_000);
afterAll(() => Promise.all([before.stop(), after.stop()]));

// What a log does whose newest entries were lost: docs/how-to/verify-the-audit-log.md.
it('goes on under another name and key with all that it holds', async () => {
  await before.append(...Array.from({ length: 300 }, () => entry()));
  const kept = await before.read('checkpoint');
  const { DATABASE_URL } = before.app.get(AppConfig);
  after = await TestAudit.start(undefined, { DATABASE_URL, AUDIT_ORIGIN: 'audit.test/second' });
  expect((await after.read('checkpoint')).toString()).toBe(kept.toString());

  await after.append(entry());
  const bodies: Buffer[] = [];
  const onEntry = (body: Buffer): unknown => bodies.push(body);
  const { origin, size } = await verifyLog(after.read, after.verifierKey, { onEntry });
  expect([origin, size, bodies.length]).toEqual(['audit.test/second', 301, 301]);
  expect(after.verifierKey).not.toBe(before.verifierKey);
  await expect(verifyLog(after.read, before.verifierKey)).rejects.toThrow('not signed by this key');

  const { origin: first, root } = verifyCheckpoint(kept.toString(), before.verifierKey);
  expect(first).toBe('audit.test/govbus');
  expect(merkleRoot(bodies.slice(0, 300).map((body) => leafHash(body)))).toEqual(root);
}, 60_000);
