import { Gathering, type Part } from './gathering';

const part = (partition: number, count = 1): Part => ({
  partition,
  messages: Array.from({ length: count }, (_, i) => ({ offset: BigInt(i), key: null, value: null, timestamp: 0 })),
});
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Takes what is to be written and ends each write when told. */
class Writes {
  readonly begun: Part[][] = [];
  private readonly ends: (() => void)[] = [];
  readonly gathering = new Gathering((parts) => {
    this.begun.push(parts);
    return new Promise((resolve) => this.ends.push(resolve));
  });
  get partitions(): number[][] {
    return this.begun.map((parts) => parts.map(({ partition }) => partition));
  }
  end(place: number): void {
    this.ends[place]?.();
  }
}

it('writes together what comes together, and gathers while two are on their way', async () => {
  const writes = new Writes();
  const first = [writes.gathering.add(part(0)), writes.gathering.add(part(1))];
  await turn();
  const second = writes.gathering.add(part(2));
  await turn();
  const third = [writes.gathering.add(part(3)), writes.gathering.add(part(4))];
  await turn();
  expect(writes.partitions).toEqual([[0, 1], [2]]);
  writes.end(0);
  await Promise.all(first);
  await turn();
  expect(writes.partitions).toEqual([[0, 1], [2], [3, 4]]);
  writes.end(1);
  writes.end(2);
  await Promise.all([second, ...third]);
});

it('divides what is too much for one transaction, at the borders of its parts', async () => {
  const writes = new Writes();
  const all = [part(0, 1_500), part(1, 1_500), part(2, 9_000)].map((one) => writes.gathering.add(one));
  await turn();
  await turn();
  expect(writes.partitions).toEqual([[0], [1]]);
  writes.end(0);
  await turn();
  expect(writes.partitions).toEqual([[0], [1], [2]]);
  writes.end(1);
  writes.end(2);
  await Promise.all(all);
});

it('tells each part what went wrong with its write, and goes on', async () => {
  let fails = true;
  const gathering = new Gathering(() => (fails ? Promise.reject(new Error('away')) : Promise.resolve()));
  const results = await Promise.allSettled([gathering.add(part(0)), gathering.add(part(1))]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  fails = false;
  await gathering.add(part(0));
});
