// Tracing by choice: `node -r @govbus/platform/otel` with OTEL_EXPORTER_OTLP_ENDPOINT. Without it, no cost at all.
const { NodeSDK } = require('@opentelemetry/sdk-node');
const { BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler } = require('@opentelemetry/sdk-trace');
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-http');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const { PgInstrumentation } = require('@opentelemetry/instrumentation-pg');
const { KafkaJsInstrumentation } = require('@opentelemetry/instrumentation-kafkajs');

// A span for each published event would halve the ingest: there, batches have spans of their own (`inSpan`).
const isOwnAffair = ({ method, url }) =>
  url.startsWith('/health') || url === '/metrics' || (method === 'POST' && url === '/v1/events');

new NodeSDK({
  serviceName: process.env.OTEL_SERVICE_NAME,
  autoDetectResources: false,
  metricReaders: [],
  logRecordProcessors: [],
  sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(Number(process.env.OTEL_RATIO ?? 1)) }),
  spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  instrumentations: [
    new HttpInstrumentation({ ignoreIncomingRequestHook: isOwnAffair }),
    new PgInstrumentation({ requireParentSpan: true }),
    new KafkaJsInstrumentation(),
  ],
}).start();
