import 'reflect-metadata';
import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { Unavailable } from '@govbus/contracts';
import { type Caller, Clock } from '@govbus/platform';
import type { AppConfig } from '../app.config';
import { EventStream, type LineRequest, maxIdleMs, maxWaitingLines } from './event-stream';
import { IngestLimits } from './ingest-limits';
import type { IngestVolumes } from './ingest-volumes';
import type { Outcome } from './outcome';
import type { Publication } from './publication';
import type { Refusals } from './refusals';

const caller: Caller = { id: 'me', kind: 'system', department: 'd', roles: [], scopes: [] };

/** Accepts everything, and notes the groups that were sent. */
class AllAccepted {
  readonly groups: number[] = [];
  /** Called before each send; may fail. */
  beforeSend = (): Promise<void> | void => undefined;

  outcomeOf(value: unknown, index: number): Promise<Outcome> {
    return Promise.resolve({ index, event: value } as Outcome);
  }
  record(): Promise<void> {
    return Promise.resolve();
  }
  async send(outcomes: Outcome[]): Promise<void> {
    await this.beforeSend();
    this.groups.push(outcomes.length);
  }
}

const logger = { error: () => undefined } as unknown as ConstructorParameters<typeof EventStream>[3];
const refusals = { settle: (problem: unknown) => Promise.resolve(problem) } as unknown as Refusals;
const limitsOf = (eventsPerSecond: number): IngestLimits =>
  new IngestLimits(
    { INGEST_EVENTS_PER_SECOND: eventsPerSecond, INGEST_BYTES_PER_DAY: 0 } as AppConfig,
    {} as IngestVolumes,
    new Clock(),
  );
function start(
  payload: Readable,
  publication = new AllAccepted(),
  giveUp = () => undefined as void,
  limits = limitsOf(0),
) {
  const stream = new EventStream(publication as unknown as Publication, limits, refusals, logger);
  const request: LineRequest = { payload, caller, traceId: 't', giveUp };
  return { publication, answers: stream.answers(request) };
}
const textOf = async (answers: Readable): Promise<string> =>
  Buffer.concat((await answers.toArray()).map(Buffer.from)).toString();
/** Lets everything run that can run without input from outside. */
async function settled(progress: () => number): Promise<void> {
  let before = progress();
  for (let still = 0; still < 100; still += 1) {
    await turn();
    if (progress() !== before) still = 0;
    before = progress();
  }
}

/** A client that never stops sending, of which the bytes that were taken are counted. */
function endless(): { payload: Readable; taken: () => number } {
  let taken = 0;
  const chunk = Buffer.from('{"id":"1"}\n'.repeat(6_000));
  const payload = new Readable({
    read() {
      taken += chunk.length;
      this.push(chunk);
    },
  });
  return { payload, taken: () => taken };
}

describe('EventStream', () => {
  it('reads no further while its answers are not read', async () => {
    const { payload, taken } = endless();
    const answers = await start(payload).answers;
    await settled(taken);
    const stillAt = taken();
    expect(stillAt).toBeLessThan(1024 * 1024);
    answers.on('data', () => taken() > 8 * stillAt && answers.destroy());
    await new Promise((closed) => answers.once('close', closed));
    expect(taken()).toBeGreaterThan(8 * stillAt);
  });

  it('reads no further for a while when it is faster than the limit of its sender, and loses nothing', async () => {
    const chunk = Buffer.from('{"dataset":"d"}\n'.repeat(15));
    const publication = new AllAccepted();
    async function* chunks() {
      yield chunk;
      while (publication.groups.length === 0) await turn();
      yield chunk;
    }
    const began = performance.now();
    const { answers } = start(Readable.from(chunks()), publication, undefined, limitsOf(5));
    expect(await textOf(await answers)).toMatch(/{"accepted":30,"refused":0}\n$/);
    // Ten at once, five owed before the second chunk is read: a second.
    expect(performance.now() - began).toBeGreaterThan(900);
  });

  it('is not hung up on while it rests, however long that is', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'performance'] });
    try {
      let isGivenUp = false;
      const chunks = [Buffer.from('{"dataset":"d"}\n'.repeat(200)), Buffer.from('{"dataset":"d"}\n')];
      const { answers } = start(Readable.from(chunks), undefined, () => void (isGivenUp = true), limitsOf(1));
      const text = answers.then(textOf);
      await settled(() => 0);
      // 198 owed at one a second. The rest looks at the clock of the fake timers alone.
      for (let ms = 0; ms < 205_000; ms += 500) await jest.advanceTimersByTimeAsync(500);
      expect(isGivenUp).toBe(false);
      expect(await text).toMatch(/{"accepted":201,"refused":0}\n$/);
    } finally {
      jest.useRealTimers();
    }
  });

  it('reads no further while the bus does not acknowledge, and never lets more lines wait than it says', async () => {
    const { payload, taken } = endless();
    const publication = new AllAccepted();
    let acknowledge = (): void => undefined;
    publication.beforeSend = () => new Promise((resolve) => (acknowledge = resolve));
    const { answers } = start(payload, publication);
    await settled(taken);
    expect(taken()).toBeLessThan(1024 * 1024);
    expect(publication.groups).toEqual([]);
    publication.beforeSend = () => undefined;
    acknowledge();
    (await answers).destroy();
    expect(publication.groups[0]).toBe(maxWaitingLines);
  });

  it('waits for a full queue instead of ending', async () => {
    const publication = new AllAccepted();
    let tries = 0;
    publication.beforeSend = () => {
      tries += 1;
      if (tries < 3) throw new Unavailable('bus.busy', 'the bus is busy', { retryAfterSeconds: 1 });
    };
    const text = await textOf(await start(Readable.from([Buffer.from('{"id":"1"}\n')]), publication).answers);
    expect(text.trim().split('\n').at(-1)).toBe('{"accepted":1,"refused":0}');
    expect(tries).toBe(3);
  });

  it('ends with the problem when the bus goes away between two groups', async () => {
    const publication = new AllAccepted();
    publication.beforeSend = () => {
      if (publication.groups.length === 1) throw new Unavailable('bus.unavailable', 'away', {});
    };
    const lines = Readable.from([Buffer.from('{"id":"1"}\n'.repeat(maxWaitingLines + 1))]);
    const text = await textOf(await start(lines, publication).answers);
    expect(text.trim().split('\n').slice(-2)).toEqual([
      `{"index":${maxWaitingLines - 1},"id":"1","status":"accepted"}`,
      `{"accepted":${maxWaitingLines},"refused":0,"problem":{"code":"bus.unavailable","detail":"away"}}`,
    ]);
  });

  describe('stands still no longer than its limit', () => {
    beforeEach(() => jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] }));
    afterEach(() => jest.useRealTimers());

    it('when no line comes', async () => {
      const payload = new Readable({ read: () => undefined });
      const { publication, answers } = start(payload);
      payload.push('{"id":"1"}\n');
      const open = await answers;
      const text = textOf(open);
      await settled(() => publication.groups.length);
      jest.advanceTimersByTime(maxIdleMs);
      expect((await text).trim().split('\n').at(-1)).toContain('"problem":{"code":"stream.idle"');
    });

    it('when bytes come one by one, and no line among them', async () => {
      const payload = new Readable({ read: () => undefined });
      const { publication, answers } = start(payload);
      payload.push('{"id":"1"}\n');
      const text = answers.then(textOf);
      await settled(() => publication.groups.length);
      for (let at = 1; at < 30; at += 1) {
        jest.advanceTimersByTime(maxIdleMs / 30);
        payload.push('x');
        await settled(() => payload.readableLength);
      }
      expect(payload.destroyed).toBe(false);
      jest.advanceTimersByTime(maxIdleMs / 30);
      expect((await text).trim().split('\n').at(-1)).toContain(
        '{"accepted":1,"refused":0,"problem":{"code":"stream.idle"',
      );
    });

    it('but is as slow as it likes, as long as lines come', async () => {
      const payload = new Readable({ read: () => undefined });
      const { publication, answers } = start(payload);
      const text = answers.then(textOf);
      for (let line = 1; line <= 5; line += 1) {
        payload.push('{"id":"1"}\n');
        await settled(() => publication.groups.length);
        jest.advanceTimersByTime(maxIdleMs - 1);
      }
      payload.push(null);
      expect((await text).trim().split('\n').at(-1)).toBe('{"accepted":5,"refused":0}');
    });

    it('when its answers are not read', async () => {
      const { payload, taken } = endless();
      const giveUp = jest.fn();
      const answers = await start(payload, new AllAccepted(), giveUp).answers;
      await settled(taken);
      jest.advanceTimersByTime(maxIdleMs - 1);
      expect(giveUp).not.toHaveBeenCalled();
      jest.advanceTimersByTime(1);
      expect(giveUp).toHaveBeenCalledTimes(1);
      answers.destroy();
    });
  });
});
