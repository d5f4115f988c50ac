import { maxBatchEvents } from '@govbus/contracts';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { json, TestExchange, TestServer } from '../test-server.shared.spec';
import { maxBatch } from './publish.command';

let server: TestServer;
let exchange: TestExchange;
beforeEach(async () => {
  server = await new TestServer().start();
  exchange = new TestExchange(server);
});
afterEach(() => server.stop());

const map = {
  dataset: 'city-calls',
  type: 'call.recorded',
  source: '/calls',
  id: '{id}',
  data: { '/reportId': 'id', '/amount': { column: 'amount', type: 'number' } },
};
const rows = (from: number, to: number, change: (i: number) => string = (i) => `${i},${i / 2}`): string =>
  Array.from({ length: to - from + 1 }, (_, i) => `${change(from + i)}\n`).join('');
const publish = (csv: string | Buffer, ...more: string[]) =>
  server.run('publish', '--csv', server.write('a.csv', csv), '--map', server.write('map.json', map), ...as, ...more);
const as = ['--as', 'reports-system'];
/** The same file again: its time of change is part of what makes it the same. */
const again = (...more: string[]) => server.run('publish', '--csv', 'a.csv', '--map', 'map.json', ...as, ...more);
const summaryOf = ({ out }: { out: string }): Record<string, unknown> => JSON.parse(out) as Record<string, unknown>;
const ids = (): string[] => [...exchange.accepted.values()].map(({ id }) => id);
const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => String(from + i));
/** Connections end without an answer from the `n`th request on, until told otherwise. */
const cutAfter = (n: number): void => {
  exchange.disturb = (_, response) => exchange.batches.length > n && Boolean(response.destroy());
};

describe('publishing a file', () => {
  it('sends each row once, in batches, and sums it up', async () => {
    const answer = await publish(`id,amount\n${rows(1, 1_050)}`, '--json');
    expect(answer.code).toBe(0);
    expect(summaryOf(answer)).toMatchObject({ rows: 1_050, accepted: 1_050, refused: 0, refusedByCode: {} });
    expect(ids().sort()).toEqual(numbers(1, 1_050).sort());
    expect(exchange.batches.map(({ length }) => length)).toEqual([...Array<number>(10).fill(100), 50]);
    expect(exchange.accepted.get('/calls 8')).toEqual({
      specversion: '1.0',
      id: '8',
      source: '/calls',
      type: 'call.recorded',
      dataset: 'city-calls',
      data: { reportId: '8', amount: 4 },
    });
    expect(server.tokens).toBe(1);
  });

  it('says it for people too', async () => {
    const { code, out, err } = await publish('id,amount\n1,2\n');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^rows {6}1\naccepted {2}1\nrefused {3}0\nseconds {3}[\d.]+\n$/);
  });

  it('refuses only the bad rows, here and at the exchange, and lists them', async () => {
    exchange.check = ({ id }) =>
      id === '700'
        ? { code: 'schema.violated', detail: 'breaks, "it"', faults: [{ pointer: '/data/x', detail: 'is required' }] }
        : undefined;
    const csv = `id,amount\n${rows(1, 1_000, (i) => (i === 300 ? '300,abc' : i === 301 ? '301' : `${i},1`))}`;
    const answer = await publish(csv, '--json', '--refused', 'refused.csv');
    expect(answer.code).toBe(3);
    expect(summaryOf(answer)).toMatchObject({
      rows: 1_000,
      accepted: 997,
      refused: 3,
      refusedByCode: { 'row.type': 1, 'row.columns': 1, 'schema.violated': 1 },
    });
    expect(server.read('refused.csv')).toBe(
      'line,id,code,detail,pointer\n' +
        '301,300,row.type,column `amount` is not a number,/data/amount\n' +
        '302,301,row.columns,has 1 cells where the header has 2,\n' +
        '701,700,schema.violated,"breaks, ""it""; /data/x is required",/data/x\n',
    );
  });

  it('finds the one event that the exchange refuses the whole request for', async () => {
    exchange.disturb = (events, response) => {
      if (!events.some(({ id }) => id === '37')) return false;
      json(response, 400, { code: 'body.malformed', detail: 'the body is not JSON' });
      return true;
    };
    const answer = await publish(`id,amount\n${rows(1, 100)}`);
    expect(answer.code).toBe(3);
    expect(answer.err).toContain('line 38 refused: the body is not JSON (body.malformed)');
    expect(ids().sort()).toEqual(
      numbers(1, 100)
        .filter((id) => id !== '37')
        .sort(),
    );
  });

  it('refuses rows that are not UTF-8 and takes the others', async () => {
    const answer = await publish(
      Buffer.concat([Buffer.from('id,amount\n1,1\n'), Buffer.from('caf\xe9,1\n3,1\n', 'latin1')]),
    );
    expect(answer.code).toBe(3);
    expect(answer.err).toContain('line 3 refused: column `id` is not UTF-8 (row.encoding)');
    expect(ids()).toEqual(['1', '3']);
  });

  it('keeps requests within 4 MiB, whatever the batch', async () => {
    const long = 'x'.repeat(200_000);
    const wide = server.write('wide.json', { ...map, data: { '/reportId': 'id', '/text': 'text' } });
    await publish(`id,amount,text\n${rows(1, 30, (i) => `${i},1,${long}`)}`, '--batch', '1000', '--map', wide);
    expect(exchange.batches.map(({ length }) => length)).toEqual([21, 9]);
    expect(exchange.accepted.size).toBe(30);
  });

  it('takes batches as large as the exchange does', () => expect(maxBatch).toBe(maxBatchEvents));
});

describe('an exchange in trouble', () => {
  it.each([
    ['is busy', (n: number) => [503, 429, 500, 502][n % 4]],
    ['drops connections', () => undefined],
  ])('that %s is tried again until all is there', async (_, statusOf) => {
    let requests = 0;
    exchange.disturb = (_events, response) => {
      requests += 1;
      if (requests % 2 === 0) return false;
      const status = statusOf((requests - 1) / 2);
      if (status === undefined) response.destroy();
      else json(response, status, { code: 'bus.busy', detail: 'busy' }, { 'retry-after': '0' });
      return true;
    };
    const answer = await publish(`id,amount\n${rows(1, 50)}`, '--batch', '10', '--in-flight', '1', '--json');
    expect(answer.code).toBe(0);
    expect(summaryOf(answer)).toMatchObject({ rows: 50, accepted: 50 });
    expect(answer.err).toContain('trying again for up to 120 s');
  });

  it('is waited for with what comes behind, so that rows keep their order', async () => {
    let requests = 0;
    exchange.disturb = (_, response) => {
      requests += 1;
      if (requests === 1) json(response, 503, {}, { 'retry-after': '0' });
      return requests === 1;
    };
    expect((await publish(`id,amount\n${rows(1, 50)}`, '--batch', '10')).code).toBe(0);
    expect(ids()).toEqual(numbers(1, 50));
  });

  it('is waited for as long as it asks', async () => {
    const at: number[] = [];
    exchange.disturb = (_, response) => {
      at.push(performance.now());
      if (at.length === 1) json(response, 503, {}, { 'retry-after': '1' });
      return at.length === 1;
    };
    expect((await publish('id,amount\n1,1\n')).code).toBe(0);
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(950);
  });

  it('that takes an event and loses the answer does not get it twice', async () => {
    exchange.disturb = (events, response) => {
      for (const event of events) exchange.accepted.set(`${event.source} ${event.id}`, event);
      return exchange.batches.length === 1 && Boolean(response.destroy());
    };
    const answer = await publish(`id,amount\n${rows(1, 5)}`, '--json');
    expect(summaryOf(answer)).toMatchObject({ rows: 5, accepted: 5 });
    expect(exchange.accepted.size).toBe(5);
  });

  it('that does not know the token any more gets a new one, once', async () => {
    exchange.disturb = (_, response) => {
      if (exchange.batches.length > 1) return false;
      json(response, 401, { code: 'token.invalid' });
      return true;
    };
    expect((await publish('id,amount\n1,1\n')).code).toBe(0);
    expect(server.tokens).toBe(2);
    exchange.disturb = (_, response) => {
      json(response, 401, { code: 'token.invalid', detail: 'the token is not valid' });
      return true;
    };
    const before = exchange.batches.length;
    const answer = await again('--restart');
    expect(answer).toMatchObject({ code: 1, err: expect.stringContaining('the token is not valid') });
    expect(exchange.batches.length - before).toBe(2);
  });
});

describe('a run that was stopped', () => {
  const csv = `id,amount\n${rows(1, 100, (i) => (i === 15 ? '15,x' : `${i},1`))}`;
  const options = ['--batch', '10', '--in-flight', '1', '--patience', '0', '--refused', 'refused.csv'];

  it('says how far it came, and a rerun goes on there', async () => {
    cutAfter(4);
    const stopped = await publish(csv, ...options);
    expect(stopped.code).toBe(1);
    expect(stopped.err).toMatch(
      /^govbus: http.* does not answer .*40 rows are published and 1 refused so far; a rerun resumes there/m,
    );
    expect(stopped.err.trim().split('\n')).toHaveLength(1);
    exchange.disturb = () => false;
    exchange.batches = [];
    const answer = await again(...options, '--json');
    expect(answer.code).toBe(3);
    expect(summaryOf(answer)).toMatchObject({ rows: 100, accepted: 99, refused: 1, resumedAfter: 41 });
    expect(exchange.batches.flat().map(({ id }) => id)).toEqual(numbers(42, 100));
    expect(server.read('refused.csv').trim().split('\n')).toHaveLength(2);
  });

  it('does not list a refused row twice when it was killed before its progress was kept', async () => {
    cutAfter(4);
    await publish(csv, ...options);
    const [state = ''] = readdirSync(join(server.dir, 'publish'));
    const kept = server.read(`publish/${state}`);
    exchange.disturb = () => false;
    await again(...options);
    server.write(`publish/${state}`, kept);
    const list = server.read('refused.csv');
    server.write('refused.csv', `${list}98,97,row.type,written just before the end,\n`);
    const answer = await again(...options, '--json');
    expect(summaryOf(answer)).toMatchObject({ rows: 100, accepted: 99, refused: 1 });
    expect(server.read('refused.csv')).toBe(list);
  });

  it('leaves no row out when a later batch was quicker than one that failed', async () => {
    exchange.disturb = (events, response) => events.some(({ id }) => id === '11') && Boolean(response.destroy());
    const flags = ['--batch', '10', '--in-flight', '4', '--patience', '0'];
    expect((await publish(csv, ...flags)).code).toBe(1);
    exchange.disturb = () => false;
    const answer = await again(...flags, '--json');
    expect(summaryOf(answer)).toMatchObject({ rows: 100, accepted: 99, refused: 1, resumedAfter: 10 });
    expect(exchange.accepted.size).toBe(99);
  });

  it('has nothing left to do once it was done, unless it is to begin again', async () => {
    await publish(csv, '--json');
    exchange.batches = [];
    const answer = await again('--json');
    expect(answer.code).toBe(3);
    expect(summaryOf(answer)).toMatchObject({ rows: 100, accepted: 99, refused: 1 });
    expect(exchange.batches).toEqual([]);
    expect(summaryOf(await again('--json', '--restart'))).toMatchObject({ rows: 100, accepted: 99, resumedAfter: 0 });
    expect(exchange.batches.flat()).toHaveLength(99);
    expect(exchange.accepted.size).toBe(99);
  });

  it('is another job with another map, file or dataset', async () => {
    await publish(csv);
    exchange.batches = [];
    await again('--dataset', 'other');
    expect(exchange.batches.flat()).toHaveLength(99);
    await publish(`${csv}101,1\n`);
    expect(exchange.batches.flat()).toHaveLength(99 + 100);
  });

  it('is another job at another exchange, though the connection file is the same', async () => {
    await publish(csv);
    const other = await new TestServer().start();
    const otherExchange = new TestExchange(other);
    const { url } = server;
    server.extra = {
      urls: { departments: url, 'data-catalog': url, exchange: other.url, 'case-routing': url, audit: url },
    };
    try {
      expect(summaryOf(await again('--json'))).toMatchObject({ accepted: 99, resumedAfter: 0 });
      expect(otherExchange.accepted.size).toBe(99);
    } finally {
      await other.stop();
    }
  });
});

describe('what cannot go well', () => {
  it('publishes what is in front of broken quoting, says where it is, and after the correction adds the rest', async () => {
    const head = `id,amount\n${rows(1, 250)}`;
    const stopped = await publish(`${head}251,"1" 2\n${rows(252, 300)}`, '--json');
    expect(stopped.code).toBe(1);
    expect(stopped.err).toContain('line 252: something follows a closing quote');
    expect(stopped.err).toContain('250 rows are published');
    expect(summaryOf(stopped)).toMatchObject({ accepted: 250, stopped: expect.stringContaining('line 252') });
    expect(ids().sort()).toEqual(numbers(1, 250).sort());
    expect((await publish(`${head}251,1\n${rows(252, 300)}`)).code).toBe(0);
    expect(ids().sort()).toEqual(numbers(1, 300).sort());
  });

  it.each([
    ['a column of the map that the file lacks', 'id,sum\n1,2\n', 'has no column `amount`'],
    ['UTF-16', Buffer.from('\ufeffid,amount\n1,2\n', 'utf16le'), 'is UTF-16'],
    ['a header that is not UTF-8', Buffer.from('id,amount,caf\xe9\n1,2,3\n', 'latin1'), 'the header is not UTF-8'],
    ['semicolons', 'id;amount\n1;2\n', 'parted by commas'],
    ['an empty file', '', 'is empty'],
  ])('sends nothing: %s', async (_, csv, expected) => {
    const { code, out, err } = await publish(csv);
    expect({ code, out, err }).toEqual({ code: 1, out: '', err: expect.stringContaining(expected) });
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(exchange.batches).toEqual([]);
  });

  it('stops at the first batch when the publisher may not publish at all', async () => {
    exchange.check = () => ({ code: 'decision.denied', detail: 'the system is no publisher of the dataset' });
    const { code, out, err } = await publish(`id,amount\n${rows(1, 5_000)}`, '--in-flight', '1');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('`reports-system` cannot publish to `city-calls`: the system is no publisher');
    expect(exchange.batches).toHaveLength(1);
    exchange.check = () => undefined;
    expect(summaryOf(await again('--json'))).toMatchObject({ accepted: 5_000 });
  });

  it('knows no credential of the system', async () => {
    const { code, err } = await publish('id,amount\n1,1\n', '--as', 'nobody');
    expect(code).toBe(1);
    expect(err).toBe('govbus: there is no credential for `nobody`; known are auditor, reports-system, water-system\n');
  });

  it('does not take an answer for less than all events as acceptance', async () => {
    exchange.disturb = (_, response) => {
      json(response, 202, { accepted: 2, refused: 0, results: [{ index: 0, status: 'accepted' }] });
      return true;
    };
    const answer = await publish('id,amount\n1,1\n2,2\n');
    expect(answer).toMatchObject({ code: 1, err: expect.stringContaining('did not answer for each event') });
  });
});
