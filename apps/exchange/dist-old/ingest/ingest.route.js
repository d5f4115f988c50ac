"use strict";
var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
var __param = (this && this.__param) || function (paramIndex, decorator) {
    return function (target, key) { decorator(target, key, paramIndex); }
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.IngestRoute = exports.maxBatchBytes = exports.BUS_TOPIC = void 0;
const contracts_1 = require("@govbus/contracts");
const messaging_1 = require("@govbus/messaging");
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const core_1 = require("@nestjs/core");
const exchange_metrics_1 = require("../operations/exchange-metrics");
const binary_mode_1 = require("./binary-mode");
const content_encoding_1 = require("./content-encoding");
const content_mode_1 = require("./content-mode");
const event_stream_1 = require("./event-stream");
const ingest_limits_1 = require("./ingest-limits");
const ingest_openapi_1 = require("./ingest.openapi");
const outcome_1 = require("./outcome");
const preference_1 = require("./preference");
const publication_1 = require("./publication");
const recent_acceptances_1 = require("./recent-acceptances");
const refusals_1 = require("./refusals");
const repeated_requests_1 = require("./repeated-requests");
const request_timeout_1 = require("./request-timeout");
const strict_json_1 = require("./strict-json");
var outcome_2 = require("./outcome");
Object.defineProperty(exports, "BUS_TOPIC", { enumerable: true, get: function () { return outcome_2.BUS_TOPIC; } });
/** Largest body of a batch, in bytes. */
exports.maxBatchBytes = 8 * 1024 * 1024;
/** Most bytes of bodies held at once, over all requests. */
const maxHeldBytes = 128 * 1024 * 1024;
/**
 * `POST /v1/events` on Fastify itself, below Nest's guards, pipes and filter, which would halve its throughput
 * (bench B1). It reads top to bottom: token, form, decision, schema, send, receipt.
 */
let IngestRoute = class IngestRoute {
    host;
    tokens;
    publication;
    stream;
    producer;
    refusals;
    metrics;
    limits;
    recent;
    repeated;
    audit;
    logger;
    heldBytes = 0;
    mayTakeLong;
    constructor(host, tokens, publication, stream, producer, refusals, metrics, limits, recent, repeated, audit, logger) {
        this.host = host;
        this.tokens = tokens;
        this.publication = publication;
        this.stream = stream;
        this.producer = producer;
        this.refusals = refusals;
        this.metrics = metrics;
        this.limits = limits;
        this.recent = recent;
        this.repeated = repeated;
        this.audit = audit;
        this.logger = logger;
    }
    onModuleInit() {
        const fastify = this.host.httpAdapter.getInstance();
        this.mayTakeLong = (0, request_timeout_1.requestTimeoutExemption)(fastify.server);
        // Not awaited: Fastify would begin to load, and the routes of Nest would get its own error handler.
        void fastify.register((scope, _options, done) => {
            scope.removeAllContentTypeParsers();
            const parser = (bodyLimit) => ({ parseAs: 'buffer', bodyLimit });
            const keep = (_, body, parsed) => parsed(null, body);
            scope.addContentTypeParser([content_mode_1.structuredType, 'application/json'], parser(contracts_1.maxEventBytes), keep);
            scope.addContentTypeParser(content_mode_1.anyJsonType, parser(contracts_1.maxEventBytes), keep);
            scope.addContentTypeParser(content_mode_1.batchType, parser(exports.maxBatchBytes), keep);
            scope.addContentTypeParser(content_mode_1.streamTypes, (_request, _payload, unread) => unread(null));
            scope.setErrorHandler((error, request, reply) => this.refuse(error, request, reply));
            // Before the body is read: whoever may not publish does not make us take 8 MiB first.
            scope.addHook('onRequest', (request, reply) => this.admit(request, reply));
            scope.post('/v1/events', (request, reply) => this.publish(request, reply));
            done();
        });
    }
    async admit(request, reply) {
        const caller = await this.tokens.verify(request.headers.authorization);
        (0, platform_1.setCaller)(request, caller);
        if (!caller.scopes.includes('events:publish'))
            throw (0, platform_1.scopeMissing)(['events:publish']);
        this.limits.admit(caller.id);
        const bytes = heldFor(request.headers);
        if (this.heldBytes + bytes > maxHeldBytes)
            throw new contracts_1.Unavailable('bus.busy', 'too many events are on their way', { retryAfterSeconds: 1 });
        this.heldBytes += bytes;
        reply.raw.once('close', () => (this.heldBytes -= bytes));
    }
    async publish(request, reply) {
        const caller = (0, platform_1.callerOf)(request);
        if (!caller)
            throw new Error('not authenticated');
        const mode = (0, content_mode_1.modeOf)(request.headers);
        if (mode === 'stream')
            return this.publishStream(caller, request, reply);
        if (!Buffer.isBuffer(request.body))
            throw new contracts_1.Invalid('body.malformed', 'the body is empty');
        let bytes = request.body;
        const encoding = request.headers['content-encoding'];
        if (encoding !== undefined)
            bytes = await (0, content_encoding_1.inflated)(bytes, encoding, mode === 'batch' ? exports.maxBatchBytes : contracts_1.maxEventBytes);
        if ((0, repeated_requests_1.isKeyed)(request)) {
            const kept = await this.repeated.claim(request, caller, bytes);
            if (kept)
                return (0, repeated_requests_1.replay)(kept, reply);
        }
        if (mode === 'batch')
            return this.publishBatch(bytes, caller, request, reply);
        this.charge(caller, 1, bytes, reply);
        const value = mode === 'binary' ? { ...(0, binary_mode_1.attributesOf)(request.raw.rawHeaders), data: (0, strict_json_1.parseBody)(bytes) } : (0, strict_json_1.parseBody)(bytes);
        const outcome = await this.publication.outcomeOf(value, 0, caller);
        if ('problem' in outcome)
            return this.answer(outcome, request, reply);
        await this.producer.send((0, outcome_1.messageOf)(outcome.event));
        this.recent.note(outcome.event);
        this.metrics.accepted.single.add();
        const { id, source, dataset } = outcome.event;
        return this.accepted(202, { id, source, dataset, status: 'accepted' }, request, reply);
    }
    charge(caller, events, bytes, reply) {
        this.limits.charge(caller.id, events, bytes.length);
        void reply.headers(this.limits.headersOf(caller.id));
    }
    accepted(status, body, request, reply) {
        if (!(0, repeated_requests_1.isKeyed)(request))
            return reply.status(status).send(body);
        return this.repeated.keep(request, status, body).then(() => reply.status(status).send(body));
    }
    async publishBatch(bytes, caller, request, reply) {
        const body = (0, strict_json_1.parseBody)(bytes);
        if (!Array.isArray(body) || body.length === 0)
            throw new contracts_1.Invalid('event.invalid', 'a batch is an array of 1 or more events');
        if (body.length > contracts_1.maxBatchEvents)
            throw new contracts_1.Invalid('batch.too-long', `a batch holds at most ${contracts_1.maxBatchEvents} events`);
        const atomic = (0, preference_1.isAtomic)(request);
        this.charge(caller, body.length, bytes, reply);
        reply.headers((0, preference_1.strictApplied)(request));
        const outcomes = [];
        for (let index = 0; index < body.length; index += 1)
            outcomes.push(await this.publication.outcomeOf(body[index], index, caller));
        await this.publication.record(outcomes, caller, request.id);
        const refused = (0, outcome_1.refusedIn)(outcomes).length;
        if (atomic && refused > 0) {
            if ((0, repeated_requests_1.isKeyed)(request))
                await this.repeated.release(request);
            return refuseBatch(outcomes, request, reply);
        }
        await this.publication.send(outcomes);
        this.metrics.accepted.batch.add(outcomes.length - refused);
        const results = outcomes.map((outcome) => (0, outcome_1.resultOf)(outcome));
        const receipt = { accepted: outcomes.length - refused, refused, results };
        return this.accepted(refused === 0 ? 202 : 207, receipt, request, reply);
    }
    async publishStream(caller, request, reply) {
        if ((0, preference_1.asksAtomic)(request))
            throw new contracts_1.Invalid('request.invalid', 'a stream cannot be `atomic`: send a batch');
        if ((0, repeated_requests_1.isKeyed)(request))
            throw new contracts_1.Invalid('request.invalid', 'a stream takes no idempotency key: send a batch');
        const { raw, headers, id: traceId } = request;
        this.mayTakeLong(raw.socket);
        reply.header('connection', 'close');
        const decoder = (0, content_encoding_1.decoderOf)(headers['content-encoding'])?.stream();
        const giveUp = () => void reply.raw.destroy();
        const answers = await this.stream.answers({
            payload: raw,
            decoder,
            caller,
            traceId,
            giveUp,
            accepted: this.metrics.accepted.stream,
        });
        return reply.type('application/x-ndjson').send(answers);
    }
    /** Answers an error of the request as a whole. */
    refuse(error, request, reply) {
        const problem = (0, platform_1.problemOf)(error);
        if (problem.status >= 500 && problem.status !== 503)
            this.logger.error({ err: error, traceId: request.id, route: '/v1/events' }, 'request failed');
        return this.answer({ problem }, request, reply);
    }
    async answer(refused, request, reply) {
        let { problem } = refused;
        try {
            if ((0, repeated_requests_1.isKeyed)(request))
                await this.repeated.release(request);
            const entries = (0, outcome_1.refusalEntries)([refused], (0, platform_1.callerOf)(request), request.id);
            // Whoever sends too much must not fill the log with it: equal refusals become one entry.
            if (problem.status === 429)
                await Promise.all(entries.map((entry) => this.audit.refused(entry)));
            else if (problem.status < 500)
                await this.refusals.record(entries);
        }
        catch (failure) {
            problem = (0, platform_1.problemOf)(failure);
        }
        return reply
            .status(problem.status)
            .headers(problem.headers)
            .type('application/problem+json')
            .send({ ...problem.body, traceId: request.id });
    }
};
exports.IngestRoute = IngestRoute;
exports.IngestRoute = IngestRoute = __decorate([
    (0, common_1.Injectable)(),
    (0, platform_1.DescribesRoutes)(ingest_openapi_1.ingestDocument),
    __param(11, (0, common_1.Inject)(platform_1.LOGGER)),
    __metadata("design:paramtypes", [core_1.HttpAdapterHost, platform_1.TokenVerifier, publication_1.Publication, event_stream_1.EventStream, messaging_1.Producer, refusals_1.Refusals, exchange_metrics_1.ExchangeMetrics, ingest_limits_1.IngestLimits, recent_acceptances_1.RecentAcceptances, repeated_requests_1.RepeatedRequests, platform_1.Audit, Object])
], IngestRoute);
/** The most bytes that a request makes us hold, as far as its headers tell. */
function heldFor(headers) {
    if (headers['content-type'] !== content_mode_1.structuredType && (0, content_mode_1.modeOf)(headers) === 'stream')
        return event_stream_1.streamBytes;
    const sent = Math.min(Number(headers['content-length'] ?? exports.maxBatchBytes), exports.maxBatchBytes);
    if ((0, content_encoding_1.decoderOf)(headers['content-encoding']) === undefined)
        return sent;
    return sent + ((0, content_mode_1.modeOf)(headers) === 'batch' ? exports.maxBatchBytes : contracts_1.maxEventBytes);
}
/** Answers a batch of which all or nothing is taken; its refusals are recorded. */
function refuseBatch(outcomes, request, reply) {
    const { status, body } = (0, platform_1.problemOf)(new contracts_1.Invalid('batch.refused', 'none is accepted because some are refused'));
    const results = outcomes.map((outcome) => (0, outcome_1.resultOf)(outcome, 'withheld'));
    return reply
        .status(status)
        .type('application/problem+json')
        .send({ ...body, traceId: request.id, results });
}
//# sourceMappingURL=ingest.route.js.map