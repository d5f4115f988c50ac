import { checkWindow } from './outages.rules';

const at = (day: number): Date => new Date(Date.UTC(2026, 0, day));

describe('an outage', () => {
  it.each([
    [at(2), at(3)],
    [at(1), at(3)],
    [at(5), at(36)],
  ])('may be announced from %p until %p', (from, until) => {
    expect(() => checkWindow({ from, until }, at(2))).not.toThrow();
  });
  it.each([
    [at(4), at(4), 'end after it begins'],
    [at(5), at(4), 'end after it begins'],
    [at(1), at(2), 'over already'],
    [at(5), new Date(at(36).getTime() + 1), '31 days at most'],
  ])('may not be announced from %p until %p', (from, until, why) => {
    expect(() => checkWindow({ from, until }, at(2))).toThrow(why);
  });
});
