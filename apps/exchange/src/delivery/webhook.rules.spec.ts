import { failureCauseOf, isDown, maxAttemptsAt, paceMs, readConsent, signingKeys, webhookIdOf } from './webhook.rules';

describe('webhookIdOf', () => {
  const message = { subscriptionId: 'a', agreementVersion: 1, replays: 0, first: 1, last: 9 };
  it('is the same for the same page, and has no dot', () => {
    expect(webhookIdOf({ ...message })).toBe(webhookIdOf(message));
    expect(webhookIdOf(message)).toMatch(/^msg_[\w-]{32}$/);
  });
  it.each([{ subscriptionId: 'b' }, { agreementVersion: 2 }, { replays: 1 }, { first: 2 }, { last: 8 }])(
    'is another with %j',
    (over) => expect(webhookIdOf({ ...message, ...over })).not.toBe(webhookIdOf(message)),
  );
});

describe('a status that is no success', () => {
  it.each([
    ['content', [400, 402, 406, 409, 413, 415, 422, 451, 499], false],
    ['call', [101, 301, 307, 401, 403, 404, 405, 407, 421, 426], false],
    ['fault', [500, 501, 505, 507, 599], true],
    ['away', [408, 425, 429, 502, 503, 504], true],
  ] as const)('tells of the %s', (cause, statuses, down) => {
    for (const status of statuses) expect([status, failureCauseOf(status)]).toEqual([status, cause]);
    expect(isDown(cause)).toBe(down);
  });
  it('is borne for fewer attempts where it refuses the content', () => {
    expect([1, 2, 3, 20].map((most) => maxAttemptsAt('content', most))).toEqual([1, 2, 3, 3]);
    for (const cause of ['call', 'fault'] as const) expect(maxAttemptsAt(cause, 20)).toBe(20);
  });
});

describe('signingKeys', () => {
  const until = new Date('2026-01-02T00:00:00Z');
  const keys = { webhookSecret: 'new', previousWebhookSecret: 'old', previousSecretUntil: until };
  it('has both until the overlap ends, the newest first', () => {
    expect(signingKeys(keys, new Date('2026-01-01T23:59:59Z'))).toEqual(['new', 'old']);
    expect(signingKeys(keys, until)).toEqual(['new']);
    expect(signingKeys({ ...keys, previousSecretUntil: null }, until)).toEqual(['new']);
  });
});

describe('readConsent', () => {
  const read = (origin: string | null, rate: string | null = null) => readConsent(origin, rate, 'bus.example.org');
  it.each(['*', 'bus.example.org', 'BUS.example.org'])('takes %s', (origin) =>
    expect(read(origin)).toEqual({ outcome: 'allowed' }),
  );
  it.each([null, '', 'example.org', 'bus.example.org.evil.org', '*.example.org'])('does not take %j', (origin) =>
    expect(read(origin).outcome).toBe('refused'),
  );
  it('keeps a rate that is a number', () => {
    expect(read('*', '120')).toEqual({ outcome: 'allowed', rate: 120 });
    for (const rate of ['*', '', '0', '-1', '1.5', 'x']) expect(read('*', rate)).toEqual({ outcome: 'allowed' });
    expect([paceMs(120), paceMs(7), paceMs(null)]).toEqual([500, 8572, null]);
  });
});
