import { shareOf } from './export.rules';

const latest = { content: 'latest' as const, fromPosition: 1, toPosition: 90, throughPosition: 0, isRead: false };
const events = {
  content: 'events' as const,
  fromPosition: 11,
  toPosition: 20,
  rowsDone: 0,
  rowsTotal: 10,
  isRead: false,
};

describe('how much was looked at', () => {
  it.each([
    [0, 0],
    [99, 0],
    [100, 0.1],
    [299, 0.2],
    [300, 0.3],
    [1_000, 0.9],
    // More than there were at the beginning.
    [1_200, 0.9],
  ])('is told in tenths: %d records of 1,000', (rowsDone, share) => {
    expect(shareOf({ ...latest, rowsDone, rowsTotal: 1_000 })).toBe(share);
  });

  it.each([
    [10, 0],
    [13, 0.3],
    [20, 0.9],
  ])('is counted in positions where it is about events: up to %d', (throughPosition, share) => {
    for (const rowsDone of [0, 3]) expect(shareOf({ ...events, throughPosition, rowsDone })).toBe(share);
  });

  it('is all when the last page is written, and nothing before where there is nothing', () => {
    const nothing = { ...latest, rowsDone: 0, rowsTotal: 0 };
    expect([shareOf(nothing), shareOf({ ...nothing, isRead: true })]).toEqual([0, 1]);
    expect(shareOf({ ...events, toPosition: 10, throughPosition: 10 })).toBe(0);
  });
});
