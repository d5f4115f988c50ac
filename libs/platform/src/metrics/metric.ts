export type Kind = 'counter' | 'gauge' | 'histogram';
export type Labels = readonly string[];

/** Most series of one metric: what comes beyond is counted together as `other`, so that no scrape grows for ever. */
const maxSeries = 1_000;

/** One number. Whoever changes it often keeps it at hand: that is an addition and no more. */
export class Cell {
  value = 0;
  add(by = 1): void {
    this.value += by;
  }
  set(value: number): void {
    this.value = value;
  }
}

/** A distribution in buckets; `bounds` are their upper ends, rising. */
export class Distribution {
  readonly counts: number[];
  sum = 0;
  count = 0;
  constructor(readonly bounds: readonly number[]) {
    this.counts = bounds.map(() => 0);
  }
  observe(value: number): void {
    const at = this.bounds.findIndex((bound) => value <= bound);
    if (at >= 0) this.counts[at] = (this.counts[at] ?? 0) + 1;
    this.sum += value;
    this.count += 1;
  }
}

/** A metric with a series for each combination of its labels' values. */
export class Metric<T extends Cell | Distribution = Cell> {
  private readonly series = new Map<string, { values: Labels; of: T }>();

  constructor(
    readonly name: string,
    private readonly kind: Kind,
    private readonly help: string,
    private readonly labels: Labels,
    private readonly make: () => T,
  ) {}

  /** The series with these values, in the order of the labels; made at its first use. */
  of(...values: string[]): T {
    const key = values.join('\0');
    const known = this.series.get(key);
    if (known) return known.of;
    if (this.series.size >= maxSeries && this.labels.length > 0) return this.other();
    const made = this.make();
    this.series.set(key, { values, of: made });
    return made;
  }

  /** Forgets every series: for gauges that are asked anew at each scrape. */
  clear(): void {
    this.series.clear();
  }

  /** In the text format; without series only the head. */
  *lines(): Generator<string> {
    yield `# HELP ${this.name} ${this.help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`;
    yield `# TYPE ${this.name} ${this.kind}`;
    for (const { values, of } of this.series.values()) {
      const pairs = this.labels.map((label, i) => `${label}="${escaped(values[i] ?? '')}"`);
      if (of instanceof Cell) yield `${this.name}${inBraces(pairs)} ${numberOf(of.value)}`;
      else yield* linesOf(this.name, pairs, of);
    }
  }

  private other(): T {
    const values = this.labels.map(() => 'other');
    const key = values.join('\0');
    const known = this.series.get(key) ?? { values, of: this.make() };
    this.series.set(key, known);
    return known.of;
  }
}

function* linesOf(name: string, pairs: string[], { bounds, counts, sum, count }: Distribution): Generator<string> {
  let below = 0;
  for (const [i, bound] of bounds.entries()) {
    below += counts[i] ?? 0;
    yield `${name}_bucket${inBraces([...pairs, `le="${bound}"`])} ${below}`;
  }
  yield `${name}_bucket${inBraces([...pairs, 'le="+Inf"'])} ${count}`;
  yield `${name}_sum${inBraces(pairs)} ${numberOf(sum)}`;
  yield `${name}_count${inBraces(pairs)} ${count}`;
}

const inBraces = (pairs: string[]): string => (pairs.length > 0 ? `{${pairs.join(',')}}` : '');
const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
const numberOf = (value: number): string =>
  Number.isFinite(value) ? String(value) : Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
