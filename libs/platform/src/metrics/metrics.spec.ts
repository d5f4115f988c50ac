import { Metrics } from './metrics';

describe('Metrics', () => {
  it('are written in the text format of Prometheus', async () => {
    const metrics = new Metrics();
    metrics.counter('events_total', 'Events.', ['mode']).of('batch').add(3);
    metrics.gauge('age', 'With \\ and\na line.').of().set(0.25);
    const seconds = metrics.histogram('took_seconds', 'Time.', [0.1, 1], ['step']);
    [0.05, 0.1, 0.5, 9].forEach((value) => seconds.of('write').observe(value));
    expect(await metrics.text()).toBe(
      [
        '# HELP govbus_scrape_failures_total Collectors that failed or were late.',
        '# TYPE govbus_scrape_failures_total counter',
        '# HELP events_total Events.',
        '# TYPE events_total counter',
        'events_total{mode="batch"} 3',
        '# HELP age With \\\\ and\\na line.',
        '# TYPE age gauge',
        'age 0.25',
        '# HELP took_seconds Time.',
        '# TYPE took_seconds histogram',
        'took_seconds_bucket{step="write",le="0.1"} 2',
        'took_seconds_bucket{step="write",le="1"} 3',
        'took_seconds_bucket{step="write",le="+Inf"} 4',
        'took_seconds_sum{step="write"} 9.65',
        'took_seconds_count{step="write"} 4',
        '',
      ].join('\n'),
    );
  });

  it('escape what a label holds, and write numbers that are none', async () => {
    const metrics = new Metrics();
    const gauge = metrics.gauge('g', 'G.', ['name']);
    gauge.of('a"b\\c\nd').set(Infinity);
    gauge.of('e').set(NaN);
    const text = await metrics.text();
    expect(text).toContain('g{name="a\\"b\\\\c\\nd"} +Inf');
    expect(text).toContain('g{name="e"} NaN');
  });

  it('are the same for the same name', () => {
    const metrics = new Metrics();
    metrics.counter('a_total', 'A.').of().add();
    expect(metrics.counter('a_total', 'A.').of().value).toBe(1);
  });

  it('do not grow for ever: what is too much is counted together', () => {
    const counter = new Metrics().counter('a_total', 'A.', ['code']);
    for (let i = 0; i < 1_500; i += 1) counter.of(`code-${i}`).add();
    expect([...counter.lines()].length).toBe(2 + 1_001);
    expect(counter.of('other').value).toBe(500);
    expect(counter.of('code-7').value).toBe(1);
  });

  it('ask their collectors once for all who come together', async () => {
    const metrics = new Metrics();
    const gauge = metrics.gauge('lag', 'Lag.', ['of']);
    let asked = 0;
    metrics.collect([gauge], () => gauge.of(`subscription-${++asked}`).set(asked));
    const texts = await Promise.all([metrics.text(), metrics.text()]);
    expect(texts[0]).toContain('lag{of="subscription-1"} 1');
    expect(texts[1]).toBe(texts[0]);
    expect(asked).toBe(1);
  });

  it('are never made twice at once, however long that takes', async () => {
    jest.useFakeTimers();
    try {
      const metrics = new Metrics();
      let asked = 0;
      metrics.collect([], () => {
        asked += 1;
        return new Promise((done) => setTimeout(done, 1_500));
      });
      const first = metrics.text();
      await jest.advanceTimersByTimeAsync(1_200);
      const second = metrics.text();
      await jest.advanceTimersByTimeAsync(300);
      expect([(await second) === (await first), asked]).toEqual([true, 1]);
    } finally {
      jest.useRealTimers();
    }
  });

  it('leave out what cannot be asked, and count it', async () => {
    const metrics = new Metrics();
    const [broken, whole] = [metrics.gauge('broken', 'B.'), metrics.gauge('whole', 'W.')];
    metrics.collect([broken], () => {
      broken.of().set(1);
      throw new Error('away');
    });
    metrics.collect([whole], () => whole.of().set(2));
    const text = await metrics.text();
    expect(text).not.toMatch(/^broken/m);
    expect(text).toContain('whole 2');
    expect(metrics.counter('govbus_scrape_failures_total', '').of().value).toBe(1);
  });
});
