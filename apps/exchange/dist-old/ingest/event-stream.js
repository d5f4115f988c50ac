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
exports.EventStream = exports.maxIdleMs = exports.streamBytes = exports.maxWaitingLines = void 0;
const node_stream_1 = require("node:stream");
const promises_1 = require("node:timers/promises");
const contracts_1 = require("@govbus/contracts");
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const content_encoding_1 = require("./content-encoding");
const ingest_limits_1 = require("./ingest-limits");
const line_reader_1 = require("./line-reader");
const outcome_1 = require("./outcome");
const publication_1 = require("./publication");
const strict_json_1 = require("./strict-json");
/** Most lines that wait for their acknowledgement; what comes behind them is not read. */
exports.maxWaitingLines = 1_000;
/** What a stream makes us hold at most, in bytes: a line, a chunk, its events, and answers not read yet. */
exports.streamBytes = 4 * 1024 * 1024;
/** How long a stream may stand still, in milliseconds: no line comes, or its answers are not read. */
exports.maxIdleMs = 30_000;
// How often a full queue is tried again, and how long between, in milliseconds.
const [busyTries, busyPauseMs] = [50, 100];
// So often it is looked, while a stream rests, whether it has ended; in milliseconds.
const restStepMs = 500;
/**
 * Publishes a stream of lines and answers each in its order, with memory that does not grow with the stream.
 *
 * Shape: lines go in groups, of what has arrived and at most `maxWaitingLines`: decided, refusals recorded, accepted
 * ones sent and acknowledged, answered; only then is more read. What was answered `accepted` stays so, whatever follows.
 */
let EventStream = class EventStream {
    publication;
    limits;
    logger;
    inputs = new Set();
    constructor(publication, limits, logger) {
        this.publication = publication;
        this.limits = limits;
        this.logger = logger;
    }
    /** Streams end with what is acknowledged, so that the service need not wait for their clients. */
    onModuleDestroy() {
        const error = new contracts_1.Unavailable('service.stopping', 'the service stops: send the rest later', {
            retryAfterSeconds: 5,
        });
        for (const input of this.inputs)
            input.destroy(error);
    }
    /**
     * The answers, a line each, and a summary as the last.
     *
     * Errors: while nothing is answered yet, as for a single event; later the summary names the problem instead.
     */
    async answers(request) {
        const lines = this.answerLines(request);
        const first = await lines.next();
        const answers = node_stream_1.Readable.from(lines, { objectMode: false });
        if (!first.done)
            answers.unshift(first.value);
        return answers;
    }
    async *answerLines(request) {
        const input = inputOf(request);
        const count = { accepted: 0, refused: 0 };
        let waitsFor = 'line';
        const idle = setTimeout(() => {
            if (waitsFor === 'line')
                input.destroy(new contracts_1.Invalid('stream.idle', `no line came for ${exports.maxIdleMs / 1000} seconds`));
            if (waitsFor === 'client')
                request.giveUp();
        }, exports.maxIdleMs);
        this.inputs.add(input);
        try {
            for await (const group of this.groupsOf(input, request.caller)) {
                waitsFor = 'bus';
                this.limits.admitVolume(request.caller.id);
                const answer = await this.settle(group, count, request);
                waitsFor = 'client';
                idle.refresh();
                yield answer;
                await this.rest(group.length, request, input);
                waitsFor = 'line';
                idle.refresh();
            }
            yield `${JSON.stringify(count)}\n`;
        }
        catch (error) {
            if (count.accepted + count.refused === 0)
                throw error;
            yield `${JSON.stringify({ ...count, problem: this.problemAfter(error, request) })}\n`;
        }
        finally {
            clearTimeout(idle);
            this.inputs.delete(input);
            input.destroy();
        }
    }
    async *groupsOf(input, caller) {
        const reader = new line_reader_1.LineReader(contracts_1.maxEventBytes);
        for await (const chunk of input) {
            let group = [];
            this.limits.charge(caller.id, 0, chunk.length);
            for (const line of reader.take(chunk)) {
                group.push(await this.outcomeOf(line, caller));
                if (group.length < exports.maxWaitingLines)
                    continue;
                yield group;
                group = [];
            }
            if (group.length > 0)
                yield group;
        }
        for (const line of reader.end())
            yield [await this.outcomeOf(line, caller)];
    }
    outcomeOf({ index, bytes }, caller) {
        try {
            if (!bytes)
                throw new platform_1.EdgeError(413, 'body.too-large', `an event is at most ${contracts_1.maxEventBytes} bytes`);
            return this.publication.outcomeOf((0, strict_json_1.parseBody)(bytes), index, caller);
        }
        catch (error) {
            return { index, problem: (0, platform_1.problemOf)(error) };
        }
    }
    async settle(group, count, { caller, traceId, accepted }) {
        await this.publication.record(group, caller, traceId);
        await this.send(group);
        const refused = (0, outcome_1.refusedIn)(group).length;
        count.refused += refused;
        count.accepted += group.length - refused;
        accepted?.add(group.length - refused);
        return group.map((outcome) => `${JSON.stringify((0, outcome_1.resultOf)(outcome))}\n`).join('');
    }
    // A full queue holds the stream up instead of ending it: that is its back-pressure.
    async send(group) {
        for (let tries = 1;; tries += 1)
            try {
                return await this.publication.send(group);
            }
            catch (error) {
                if (!(error instanceof contracts_1.DomainError) || error.code !== 'bus.busy' || tries === busyTries)
                    throw error;
                await (0, promises_1.setTimeout)(busyPauseMs);
            }
    }
    // A stream that is faster than its sender's limit is read no further for a while, and not refused.
    async rest(events, { caller }, input) {
        this.limits.charge(caller.id, events, 0);
        for (let left = this.limits.debtMs(caller.id); left > 0 && !input.destroyed; left -= restStepMs)
            await (0, promises_1.setTimeout)(Math.min(left, restStepMs));
    }
    problemAfter(error, { traceId }) {
        const { status, body } = (0, platform_1.problemOf)(error);
        if (status >= 500 && status !== 503)
            this.logger.error({ err: error, traceId, route: '/v1/events' }, 'stream failed');
        return { code: body.code, detail: body.detail };
    }
};
exports.EventStream = EventStream;
exports.EventStream = EventStream = __decorate([
    (0, common_1.Injectable)(),
    __param(2, (0, common_1.Inject)(platform_1.LOGGER)),
    __metadata("design:paramtypes", [publication_1.Publication, ingest_limits_1.IngestLimits, Object])
], EventStream);
// A stream of its own: to end it, when we want no more, leaves the connection whole for the answers.
function inputOf({ payload, decoder }) {
    const input = new node_stream_1.PassThrough();
    const brokenOff = () => input.destroy(new contracts_1.Invalid('body.malformed', 'the body broke off'));
    payload.once('error', brokenOff);
    payload.once('close', () => payload.readableEnded || brokenOff());
    if (!decoder)
        return payload.pipe(input);
    decoder.once('error', (error) => input.destroy((0, content_encoding_1.inflateError)(error)));
    input.once('close', () => decoder.destroy());
    return payload.pipe(decoder).pipe(input);
}
//# sourceMappingURL=event-stream.js.map