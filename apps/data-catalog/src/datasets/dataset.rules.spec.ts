import { refuseCleared } from './dataset.rules';

describe('refuseCleared', () => {
  it('lets the case mapping be cleared, and whatever is absent stay', () => {
    expect(() =>
      refuseCleared({ retentionDays: null, caseMapping: null, names: undefined, legalBasis: 'law' }),
    ).not.toThrow();
  });

  it('refuses null for anything else, pointing at it', () => {
    expect(() => refuseCleared({ names: null, status: null, publishers: [] })).toThrow(
      expect.objectContaining({
        code: 'request.invalid',
        details: {
          faults: [expect.objectContaining({ pointer: '/names' }), expect.objectContaining({ pointer: '/status' })],
        },
      }),
    );
  });
});
