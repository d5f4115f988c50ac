// Tracing by choice: `node -r @govbus/platform/otel` with OTEL_EXPORTER_OTLP_ENDPOINT. Without it, no cost at all.
const { trace } = require('@opentelemetry/api');
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-http');
const { registerInstrumentations } = require('@opentelemetry/instrumentation');
const { PgInstrumentation } = require('@opentelemetry/instrumentation-pg');
const { defaultResource, detectResources, envDetector } = require('@opentelemetry/resources');
const {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} = require('@opentelemetry/sdk-trace');

// The parts alone: `sdk-node` would load every exporter, gRPC and YAML into each service, 6 MB of heap that all
// collections walk through.
const provider = new TracerProvider({
  // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES.
  resource: defaultResource().merge(detectResources({ detectors: [envDetector] })),
  sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(Number(process.env.OTEL_RATIO ?? 1)) }),
  spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
});
trace.setGlobalTracerProvider(provider);
// Requests, batches and messages have spans of their own (`traceRequests`, `inSpan`): instrumentations of http and kafkajs
// would make one for each event, and bind the listeners of each request even where they make none.
registerInstrumentations({
  tracerProvider: provider,
  instrumentations: [new PgInstrumentation({ requireParentSpan: true })],
});
