import { setTimeout as pause } from 'node:timers/promises';
import {
  type Attributes,
  type Context,
  context,
  isSpanContextValid,
  propagation,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
  type TracerProvider,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';

const tracer = trace.getTracer('govbus');

/** What a span may say: how many and of which kind. Never a payload, an id of a record, or a person. */
export type SpanFacts = Record<string, number | string | undefined>;

/**
 * Runs a batch of work as one span (OpenTelemetry); without a tracing SDK it costs next to nothing.
 *
 * Shape: `facts` given at the start, and more by `note` while it runs. With the `traceparent` of a request the span is
 * part of that request's trace, otherwise of the trace that is active.
 * Errors: those of `work`, whose code alone is noted: messages may hold more than a trace should.
 * Source: W3C Trace Context, section 3.2.
 */
export async function inSpan<T>(
  name: string,
  facts: SpanFacts,
  work: (note: (more: SpanFacts) => void) => Promise<T>,
  traceparent?: string,
): Promise<T> {
  const parent = traceOf(traceparent) ?? context.active();
  const span = tracer.startSpan(name, { attributes: attributesOf(facts) }, parent);
  try {
    return await context.with(trace.setSpan(parent, span), () =>
      work((more) => void span.setAttributes(attributesOf(more))),
    );
  } catch (error) {
    span.setAttribute('error.type', codeOf(error));
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}

/**
 * What one request causes stays one trace from here on, also where no SDK traces: through whatever is awaited, in the
 * messages of the outbox, and in those who handle them. An SDK that was there first keeps its own way of doing so.
 */
export function keepTraces(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
}

/** The trace that is active; 32 hexadecimal digits. */
export const activeTraceId = (): string | undefined => trace.getActiveSpan()?.spanContext().traceId;

/** Sends the spans that the SDK still holds. Where nobody takes them within two seconds they are given up. */
export async function flushSpans(): Promise<void> {
  const global = trace.getTracerProvider();
  const provider: TracerProvider & { forceFlush?: () => Promise<void> } =
    global instanceof ProxyTracerProvider ? global.getDelegate() : global;
  if (!provider.forceFlush) return;
  await Promise.race([provider.forceFlush().catch(() => undefined), pause(2_000, undefined, { ref: false })]);
}

function attributesOf(facts: SpanFacts): Attributes {
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [`govbus.${name}`, value]));
}

/** A trace that began elsewhere; undefined where `traceparent` names none (W3C Trace Context, section 3.2). */
export function traceOf(traceparent: string | undefined): Context | undefined {
  const [, traceId, spanId, flags] =
    /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})/.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  const spanContext = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
  return isSpanContextValid(spanContext) ? trace.setSpanContext(ROOT_CONTEXT, spanContext) : undefined;
}

function codeOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : typeof name === 'string' ? name : 'unknown';
}
