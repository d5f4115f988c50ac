import { Unavailable } from '@govbus/contracts';
import { trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { inSpan, type SpanFacts } from './span';

const exporter = new InMemorySpanExporter();
const request = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };

describe('inSpan', () => {
  it('is the plain work as long as nobody traces', async () => {
    await expect(inSpan('batch', {}, () => Promise.resolve(7))).resolves.toBe(7);
    await expect(inSpan('batch', {}, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(exporter.getFinishedSpans()).toEqual([]);
  });

  describe('with a tracing SDK', () => {
    beforeAll(() => {
      const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
      trace.setGlobalTracerProvider(provider);
    });
    beforeEach(() => exporter.reset());

    it('tells how much there was, in the trace of the request', async () => {
      const traceparent = `00-${request.traceId}-${request.spanId}-01`;
      const work = (note: (more: SpanFacts) => void) => {
        note({ records: 3 });
        return Promise.resolve();
      };
      await inSpan('pull page', { mode: 'pull' }, work, traceparent);
      const [span] = exporter.getFinishedSpans();
      expect(span).toMatchObject({ name: 'pull page', attributes: { 'govbus.mode': 'pull', 'govbus.records': 3 } });
      expect(span?.spanContext().traceId).toBe(request.traceId);
      expect(span?.parentSpanContext?.spanId).toBe(request.spanId);
    });

    it.each([
      '',
      'nonsense',
      `00-${'0'.repeat(32)}-${request.spanId}-01`,
      `00-${request.traceId}-${'0'.repeat(16)}-01`,
    ])('begins a trace of its own for the traceparent `%s`', async (traceparent) => {
      await inSpan('page', {}, () => Promise.resolve(), traceparent);
      expect(exporter.getFinishedSpans()[0]?.parentSpanContext).toBeUndefined();
    });

    it('notes the code of an error, and nothing of what it says', async () => {
      const error = new Unavailable('bus.busy', 'planted');
      await expect(inSpan('send', {}, () => Promise.reject(error))).rejects.toBe(error);
      await expect(inSpan('send', {}, () => Promise.reject(new Error('planted')))).rejects.toThrow('planted');
      const spans = exporter.getFinishedSpans();
      expect(spans.map(({ attributes }) => attributes['error.type'])).toEqual(['bus.busy', 'Error']);
      const texts = spans.map(({ name, attributes, status, events }) => ({ name, attributes, status, events }));
      expect(JSON.stringify(texts)).not.toContain('planted');
    });
  });
});
