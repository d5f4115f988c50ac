import 'reflect-metadata';
import {
  acknowledge,
  pause,
  requireRoom,
  resume,
  retryDelayMs,
  WEBHOOK_GONE,
  WEBHOOK_NOT_ALLOWED,
} from './subscription.rules';

const state = (status: 'active' | 'paused' | 'stopped', stopReason: string | null = null) => {
  return { status, stopReason, version: 3 };
};

describe('moves of a subscription', () => {
  it('pauses what is active and resumes what is paused', () => {
    expect(pause(state('active'))).toEqual({ status: 'paused', stopReason: null, version: 4 });
    expect(resume(state('paused'))).toEqual({ status: 'active', stopReason: null, version: 4 });
  });
  it('starts again what its receiver had given up', () => {
    for (const reason of [WEBHOOK_GONE, WEBHOOK_NOT_ALLOWED])
      expect(resume(state('stopped', reason)).status).toBe('active');
  });
  it('never starts what its agreement stopped', () => {
    expect(() => resume(state('stopped', 'agreement.suspended'))).toThrow('the subscription is stopped');
  });
  it('refuses moves that do not apply', () => {
    expect(() => pause(state('paused'))).toThrow('the subscription is paused');
    expect(() => resume(state('active'))).toThrow('the subscription is active');
  });
});

describe('requireRoom', () => {
  it('lets a department have 1,000, and 100 by kafka', () => {
    expect(() => requireRoom({ all: 999, byKafka: 99 }, 'kafka')).not.toThrow();
    expect(() => requireRoom({ all: 1_000, byKafka: 0 }, 'pull')).toThrow('1000 subscriptions');
    expect(() => requireRoom({ all: 100, byKafka: 100 }, 'kafka')).toThrow('100 subscriptions by kafka');
    expect(() => requireRoom({ all: 100, byKafka: 100 }, 'sse')).not.toThrow();
  });
});

describe('acknowledge', () => {
  const disclosed = { ackedPosition: 5, disclosedPosition: 9 };
  it('goes forward, and never backwards', () => {
    expect(acknowledge(disclosed, 9)).toBe(9);
    expect(acknowledge(disclosed, 3)).toBe(5);
  });
  it('refuses what was never disclosed', () => {
    expect(() => acknowledge(disclosed, 10)).toThrow('beyond what was disclosed');
  });
});

describe('retryDelayMs', () => {
  it('doubles up to an hour, between half and the whole of it', () => {
    expect([retryDelayMs(1, 0), retryDelayMs(1, 0.999)]).toEqual([500, 1000]);
    expect([retryDelayMs(4, 0), retryDelayMs(60, 0.999)]).toEqual([4000, 3_598_200]);
  });
});
