import { randomBytes } from 'node:crypto';
import { traceOf } from '@govbus/messaging';
import {
  type Context,
  context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    untraced?: boolean;
  }
}

/** Of a route of which a span for each request would cost more than it tells. */
export const untraced = { untraced: true };

const tracer = trace.getTracer('govbus');

/**
 * Every request in its trace: the caller's own if it names one, otherwise a new one. Its id is the `traceId` of problems,
 * logs and audit entries, here and in the services that hear of what was done; with a tracing SDK it has a span.
 *
 * Shape: MUST be called before what else looks at requests. Routes with `untraced` have a trace id alone.
 * Source: W3C Trace Context, section 3.2; OpenTelemetry semantic conventions for HTTP spans.
 */
export function traceRequests(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.config.untraced) return done();
    const parent = traceOf(request.headers.traceparent?.toString()) ?? ROOT_CONTEXT;
    const begun = begin(request, parent);
    if (begun.isRecording()) reply.raw.once('close', () => end(begun, reply));
    // Without an SDK, a request that names no trace has none yet.
    const isTrace = isSpanContextValid(begun.spanContext());
    const span = isTrace ? begun : trace.wrapSpanContext({ traceId: request.id, spanId: newSpanId(), traceFlags: 0 });
    request.id = span.spanContext().traceId;
    context.with(trace.setSpan(parent, span), done);
  });
}

const newSpanId = (): string => randomBytes(8).toString('hex');

function begin({ method, routeOptions: { url } }: FastifyRequest, parent: Context): Span {
  const attributes = { 'http.request.method': method, ...(url !== undefined && { 'http.route': url }) };
  return tracer.startSpan(
    url === undefined ? method : `${method} ${url}`,
    { kind: SpanKind.SERVER, attributes },
    parent,
  );
}

// Of the address only the route is told, which has no id of a record in it.
function end(span: Span, { statusCode, raw }: FastifyReply): void {
  span.setAttribute('http.response.status_code', statusCode);
  if (statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  if (!raw.writableFinished) span.setAttribute('error.type', 'closed by the caller');
  span.end();
}
