import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What is told of a span by OTLP in JSON. */
export type ToldSpan = {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  attributes: { key: string; value: object }[];
};
type Export = { resourceSpans: { scopeSpans: { spans: ToldSpan[] }[] }[] };

/** Takes spans by OTLP over HTTP, as a collector does. */
export class SpanCollector {
  private readonly server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString()) as Export;
      for (const { scopeSpans } of resourceSpans) for (const { spans } of scopeSpans) this.onSpans(spans);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });

  constructor(private readonly onSpans: (spans: ToldSpan[]) => void) {}

  /** Its address, for `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
