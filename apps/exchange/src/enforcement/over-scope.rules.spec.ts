import { Conflict, deliveryModes, Forbidden, Limited, overScopeKinds, Unavailable } from '@govbus/contracts';
import { beyondOf, isAlarming, isAskedFor } from './over-scope.rules';

const denied = (code: string) => new Forbidden('decision.denied', 'because', { explanation: { code, detail: '' } });

describe('what goes beyond an agreement', () => {
  it.each([
    ['agreement.purpose', 'purpose'],
    ['agreement.case-required', 'case'],
    ['agreement.delivery-mode', 'delivery-mode'],
    ['agreement.not-started', 'period'],
    ['agreement.expired', 'period'],
    ['agreement.other-area', 'area'],
  ])('%s is of the kind %s', (code, kind) => {
    expect(beyondOf(denied(code))).toEqual({ kind, code, reason: 'because', limit: undefined });
  });

  it.each([
    ['agreement.rate', 'rate'],
    ['agreement.volume', 'volume'],
  ])('%s is of the kind %s and names the limit', (code, kind) => {
    const error = new Limited('agreement.limit-reached', 'used up', { explanation: { code, limit: 5 } });
    expect(beyondOf(error)).toEqual({ kind, code, reason: 'used up', limit: 5 });
  });

  it.each([
    ['a stranger', denied('agreement.other-department')],
    ['an agreement that is over', denied('agreement.not-in-force')],
    ['one that is held back already', denied('agreement.held')],
    ['a suspended department', denied('consumer.suspended')],
    ['what is not explained', new Forbidden('decision.denied', 'no')],
    ['an area where none is agreed', new Conflict('agreement.no-area', 'no')],
    ['what passes by itself', new Unavailable('registry.stale', 'later')],
    ['a failure', new Error('agreement.purpose')],
  ])('%s raises no alarm', (_, error) => {
    expect(beyondOf(error)).toBeUndefined();
  });

  it('is found in every kind that the contract knows', () => {
    const codes = ['purpose', 'case-required', 'delivery-mode', 'expired', 'other-area', 'rate', 'volume'];
    expect(codes.map((code) => beyondOf(denied(`agreement.${code}`))?.kind)).toEqual([...overScopeKinds]);
  });

  it('is only what somebody asked for', () => {
    expect(deliveryModes.filter(isAskedFor)).toEqual(['pull', 'query']);
    const rate = { kind: 'rate' as const, code: 'agreement.rate', reason: 'used up', limit: 5 };
    const purpose = { kind: 'purpose' as const, code: 'agreement.purpose', reason: 'no' };
    expect(deliveryModes.filter((mode) => isAlarming(rate, mode))).toEqual(['pull', 'query']);
    expect(deliveryModes.filter((mode) => isAlarming(purpose, mode))).toEqual([...deliveryModes]);
  });
});
