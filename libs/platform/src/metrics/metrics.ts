import { Cell, Distribution, type Kind, type Labels, Metric } from './metric';

/** How long one answer serves all who scrape, and how long a collector may take, in ms. */
const [freshMs, patienceMs] = [1_000, 2_000];

type Collector = { gauges: Metric[]; ask: () => Promise<void> | void };

/**
 * The numbers of this process, for Prometheus.
 *
 * Shape: a metric is made once, by its name; asked for again it is the same one. What must be looked up is looked up by
 * collectors, when somebody scrapes, and at most once a second.
 * Source: Prometheus text exposition format 0.0.4.
 */
export class Metrics {
  static readonly contentType = 'text/plain; version=0.0.4; charset=utf-8';
  private readonly metrics = new Map<string, Metric>();
  private readonly histograms = new Map<string, Metric<Distribution>>();
  private readonly collectors: Collector[] = [];
  private readonly failures = this.counter('govbus_scrape_failures_total', 'Collectors that failed or were late.');
  private answer: { until: number; text: Promise<string> } | undefined;

  /** A number that only rises; by convention its name ends with `_total`. */
  counter(name: string, help: string, labels: Labels = []): Metric {
    return this.metric(name, 'counter', help, labels);
  }

  /** A number that goes up and down. */
  gauge(name: string, help: string, labels: Labels = []): Metric {
    return this.metric(name, 'gauge', help, labels);
  }

  /** A distribution over buckets with these upper ends, rising; its name says the unit. */
  histogram(name: string, help: string, bounds: readonly number[], labels: Labels = []): Metric<Distribution> {
    const make = (): Distribution => new Distribution(bounds);
    const metric = this.histograms.get(name) ?? new Metric(name, 'histogram', help, labels, make);
    this.histograms.set(name, metric);
    return metric;
  }

  /**
   * `ask` sets the gauges, which are empty before it, when somebody scrapes. One that fails or takes longer than two
   * seconds leaves its gauges out, and is counted.
   */
  collect(gauges: Metric[], ask: () => Promise<void> | void): void {
    this.collectors.push({ gauges, ask });
  }

  /** All of them as text. Never rejects. */
  text(): Promise<string> {
    if (this.answer && performance.now() <= this.answer.until) return this.answer.text;
    // Never two at once: each empties the gauges before it asks.
    const text = this.render().finally(() => (answer.until = performance.now() + freshMs));
    const answer = { until: Infinity, text };
    this.answer = answer;
    return text;
  }

  private async render(): Promise<string> {
    await Promise.all(this.collectors.map((collector) => this.ask(collector)));
    const lines = [...this.metrics.values(), ...this.histograms.values()].flatMap((metric) => [...metric.lines()]);
    return `${lines.join('\n')}\n`;
  }

  private async ask({ gauges, ask }: Collector): Promise<void> {
    gauges.forEach((gauge) => gauge.clear());
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(new Error('late')), patienceMs)));
    try {
      await Promise.race([ask(), late]);
    } catch {
      gauges.forEach((gauge) => gauge.clear());
      this.failures.of().add();
    } finally {
      clearTimeout(timer);
    }
  }

  private metric(name: string, kind: Kind, help: string, labels: Labels): Metric {
    const metric = this.metrics.get(name) ?? new Metric(name, kind, help, labels, () => new Cell());
    this.metrics.set(name, metric);
    return metric;
  }
}
