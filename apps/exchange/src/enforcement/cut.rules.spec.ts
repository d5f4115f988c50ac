import type { Matched } from '../delivery/page-reader';
import { cutTo } from './cut.rules';

const matched = [1, 2, 5].map((position) => ({ row: { position }, key: `key-${position}` }) as Matched);

describe('cutting a page', () => {
  it('leaves a page alone that is small enough', () => {
    const found = { matched, through: 9, hasMore: false };
    expect(cutTo(found, 3)).toBe(found);
    expect(cutTo(found, Infinity)).toBe(found);
  });
  it('ends a page of the ledger at its last record, so that the next begins behind it', () => {
    const cut = cutTo({ matched, through: 9, hasMore: false }, 2);
    expect(cut).toEqual({ matched: matched.slice(0, 2), through: 2, hasMore: true });
  });
  it('ends a page of the latest records at the key of its last one', () => {
    const cut = cutTo({ matched, hasMore: false }, 1);
    expect(cut).toEqual({ matched: matched.slice(0, 1), afterKey: 'key-1', hasMore: true });
  });
});
