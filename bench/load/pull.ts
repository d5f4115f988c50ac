import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { Connection, headOf } from './http-client.ts';

export type PullJob = {
  kind: 'pull';
  url: string;
  /** Each subscription is read by its own connection, page by page, each page acknowledged, until nothing is left. */
  subscriptions: { id: string; token: string }[];
  limit: number;
  /** File for the pages, one line each: subscription, tab, body. They are checked when the clock has stopped. */
  pagesFile: string;
};
export type PullResult = { seconds: number; requests: number; pageMs: number[] };

/** Reads every subscription to its end. Errors: throws when a page or an acknowledgement is refused. */
export async function pull(job: PullJob): Promise<PullResult> {
  const pages: { id: string; body: Buffer }[] = [];
  const pageMs: number[] = [];
  let requests = 0;
  const readAll = async ({ id, token }: { id: string; token: string }): Promise<void> => {
    const connection = await Connection.open(job.url);
    const ackHead = headOf('POST', `${job.url}/v1/subscriptions/${id}/ack`, token, 'application/json');
    const pageHead = headOf('GET', `${job.url}/v1/subscriptions/${id}/events?limit=${job.limit}`, token);
    for (let hasMore = true; hasMore;) {
      const began = performance.now();
      const page = await connection.send(pageHead);
      pageMs.push(performance.now() - began);
      if (page.status !== 200) throw new Error(`a page was answered with ${page.status}: ${page.body.toString()}`);
      // A copy: the page is a piece of a larger buffer.
      pages.push({ id, body: Buffer.from(page.body) });
      const end = page.body.toString('latin1', page.body.lastIndexOf('"nextCursor"'));
      const cursor = /"nextCursor":"([^"]+)"/.exec(end)?.[1] ?? '';
      hasMore = end.includes('"hasMore":true');
      const ack = await connection.send(ackHead, JSON.stringify({ cursor }));
      if (ack.status !== 200) throw new Error(`an acknowledgement was answered with ${ack.status}`);
      requests += 2;
    }
    connection.close();
  };
  const began = performance.now();
  await Promise.all(job.subscriptions.map(readAll));
  const seconds = (performance.now() - began) / 1000;
  await write(job.pagesFile, pages);
  return { seconds, requests, pageMs };
}

async function write(file: string, pages: { id: string; body: Buffer }[]): Promise<void> {
  const stream = createWriteStream(file);
  for (const { id, body } of pages) {
    stream.write(`${id}\t`);
    if (!stream.write(Buffer.concat([body, Buffer.from('\n')]))) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'finish');
}
