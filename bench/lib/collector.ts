// Takes spans by OTLP over HTTP as a collector does, and keeps how many of each name.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

type Export = { resourceSpans: { scopeSpans: { spans: { name: string }[] }[] }[] };

export class Collector {
  readonly seen = new Map<string, number>();
  private readonly server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      this.count(Buffer.concat(chunks).toString());
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });

  /** Its address. */
  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private count(text: string): void {
    for (const { scopeSpans } of (JSON.parse(text) as Export).resourceSpans)
      for (const { spans } of scopeSpans)
        for (const { name } of spans) this.seen.set(name, (this.seen.get(name) ?? 0) + 1);
  }
}
