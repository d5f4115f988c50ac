import 'reflect-metadata';
import { donePosition, positionBefore, readStart, seek, skip } from './start.rules';

describe('readStart', () => {
  it.each(['beginning', 'now', { position: 1 }, { time: '2026-01-01T00:00:00Z' }, { time: '2026-01-01T08:00+08:00' }])(
    'reads %j',
    (start) => expect(readStart(start, '/to')).toEqual(start),
  );
  it.each([
    'end',
    null,
    7,
    [],
    {},
    { position: 0 },
    { position: 1.5 },
    { position: '1' },
    { time: '2026-01-01' },
    { time: '2026-13-01T00:00:00Z' },
    { position: 1, time: '2026-01-01T00:00:00Z' },
  ])('refuses %j and says where', (start) =>
    expect(() => readStart(start, '/to')).toThrow(
      expect.objectContaining({
        code: 'request.invalid',
        details: { faults: [expect.objectContaining({ pointer: '/to' })] },
      }),
    ),
  );
});

describe('positionBefore', () => {
  it('is before the first event wanted', () => {
    expect(positionBefore('beginning', 9)).toBe(0);
    expect(positionBefore('now', 9)).toBe(9);
    expect(positionBefore({ position: 4 }, 9)).toBe(3);
    expect(positionBefore({ position: 10 }, 9)).toBe(9);
  });
  it('never lies beyond the head', () => {
    expect(() => positionBefore({ position: 11 }, 9)).toThrow('the dataset ends at position 9');
  });
});

describe('seek', () => {
  const progress = { ackedPosition: 5, disclosedPosition: 7, heldFrom: null, replays: 0, version: 2 };
  it('goes back without forgetting what was disclosed', () => {
    expect(seek(progress, 1)).toMatchObject({ ackedPosition: 1, disclosedPosition: 7, version: 3, failures: 0 });
  });
  it('goes forward with what was disclosed', () => {
    expect(seek(progress, 9)).toMatchObject({ ackedPosition: 9, disclosedPosition: 9 });
  });
  it('is a replay only when it goes back', () => {
    expect([4, 5, 6, 7, 9].map((after) => seek(progress, after).replays)).toEqual([1, 1, 1, 0, 0]);
  });
});

describe('skip', () => {
  const progress = { ackedPosition: 5, disclosedPosition: 7, heldFrom: null, replays: 0, version: 2 };
  it('goes forward alone', () => {
    expect(skip(progress, 6)).toMatchObject({ ackedPosition: 6, disclosedPosition: 7, version: 3, failures: 0 });
    expect(skip(progress, 8)).toMatchObject({ ackedPosition: 8, disclosedPosition: 8 });
    for (const through of [4, 5]) expect(() => skip(progress, through)).toThrow('done with already');
  });
  it('begins at what is held, and leaves a cursor that is further', () => {
    const held = { ...progress, heldFrom: 3 };
    expect([donePosition(progress), donePosition(held)]).toEqual([5, 2]);
    expect(skip(held, 3)).toMatchObject({ ackedPosition: 5 });
    expect(() => skip(held, 2)).toThrow('done with already');
  });
});
