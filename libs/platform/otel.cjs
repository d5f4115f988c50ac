// Tracing by choice: `node -r @govbus/platform/otel` with OTEL_EXPORTER_OTLP_ENDPOINT. Without it, no cost at all.
const { NodeSDK } = require('@opentelemetry/sdk-node');
const { BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler } = require('@opentelemetry/sdk-trace');
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-http');
const { PgInstrumentation } = require('@opentelemetry/instrumentation-pg');

// Requests, batches and messages have spans of their own (`traceRequests`, `inSpan`): instrumentations of http and kafkajs
// would make one for each event, and bind the listeners of each request even where they make none.
new NodeSDK({
  serviceName: process.env.OTEL_SERVICE_NAME,
  autoDetectResources: false,
  metricReaders: [],
  logRecordProcessors: [],
  sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(Number(process.env.OTEL_RATIO ?? 1)) }),
  spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  instrumentations: [new PgInstrumentation({ requireParentSpan: true })],
}).start();
