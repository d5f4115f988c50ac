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
exports.SseStreams = void 0;
const contracts_1 = require("@govbus/contracts");
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const typeorm_1 = require("typeorm");
const agreement_consumer_1 = require("../agreements/agreement.consumer");
const over_scope_1 = require("../enforcement/over-scope");
const subscription_rules_1 = require("../subscriptions/subscription.rules");
const keys_1 = require("./keys");
const pull_service_1 = require("./pull.service");
const receive_decisions_1 = require("./receive-decisions");
const sse_rules_1 = require("./sse.rules");
const sse_sql_1 = require("./sse.sql");
const sse_connection_1 = require("./sse-connection");
const sse_stream_1 = require("./sse-stream");
const waiters_1 = require("./waiters");
/** Most streams of one process; of one subscription as many as may wait (`Waiters`). */
const maxStreams = 500;
/** The streams of this process. */
let SseStreams = class SseStreams {
    db;
    changes;
    waiters;
    pulls;
    tokens;
    decisions;
    overScope;
    keys;
    audit;
    logger;
    running = new Map();
    opening = 0;
    constructor(db, changes, waiters, pulls, tokens, decisions, overScope, keys, audit, logger) {
        this.db = db;
        this.changes = changes;
        this.waiters = waiters;
        this.pulls = pulls;
        this.tokens = tokens;
        this.decisions = decisions;
        this.overScope = overScope;
        this.keys = keys;
        this.audit = audit;
        this.logger = logger;
    }
    get size() {
        return this.running.size;
    }
    async onApplicationBootstrap() {
        const cut = (isMeant) => {
            for (const stream of this.running.keys())
                if (isMeant(stream.opened.subscription))
                    stream.cut();
        };
        await this.changes.on(agreement_consumer_1.AGREEMENTS_CHANGED, (agreementId) => cut((subscription) => subscription.agreementId === agreementId), () => cut(() => true));
    }
    // The waiters, which end at the same time, keep new streams from starting.
    async beforeApplicationShutdown() {
        for (const stream of this.running.keys()) {
            stream.opened.waiter.close();
            stream.cut();
        }
        await Promise.all(this.running.values());
    }
    /**
     * Decides whether there is to be a stream, and acknowledges what the client names.
     *
     * Errors: those of `PullService.find` and of a page; `Invalid` `cursor.invalid`; `Unavailable` `delivery.busy`.
     */
    async open(request) {
        if (this.running.size + this.opening >= maxStreams)
            throw new contracts_1.Unavailable('delivery.busy', 'too many streams are open already', { retryAfterSeconds: 5 });
        this.opening += 1;
        try {
            const { subscriptionId, caller, authorization } = request;
            const subscription = await this.pulls.find(subscriptionId, caller, 'sse');
            const after = await this.startOf(subscription, request.lastEventId);
            const waiter = this.waiters.open(subscription);
            const stream = new sse_stream_1.SseStream(this.parts(), { subscription, caller, authorization, waiter }, after);
            return await this.begin(stream, request);
        }
        finally {
            this.opening -= 1;
        }
    }
    async begin(stream, request) {
        const { waiter } = stream.opened;
        // From here on a change of the agreement cuts it off.
        this.running.set(stream, Promise.resolve());
        try {
            const first = await this.overScope.watch(this.useOf(stream), () => stream.first());
            return (response) => {
                const connection = new sse_connection_1.SseConnection(response);
                response.once('close', () => {
                    waiter.close();
                    stream.cut();
                });
                response.writeHead(200, headers);
                const done = stream
                    .run(first, connection)
                    .then(() => connection.end((0, sse_rules_1.retryFrame)(sse_stream_1.retryMs)))
                    .catch((error) => this.refuse(error, stream, connection, request))
                    .finally(() => this.forget(stream));
                this.running.set(stream, done);
                return done;
            };
        }
        catch (error) {
            this.forget(stream);
            throw error;
        }
    }
    parts() {
        const { db, pulls, tokens, decisions, keys } = this;
        return { db, pulls, tokens, decisions, keys };
    }
    // What it names it has; without it, it begins behind what was acknowledged.
    async startOf(subscription, lastEventId) {
        if (!lastEventId)
            return subscription.ackedPosition;
        const { subscriptionId } = subscription;
        const position = this.keys.positionIn(lastEventId, subscriptionId);
        (0, subscription_rules_1.acknowledge)(subscription, position);
        await (0, sse_sql_1.acknowledgeThrough)(subscriptionId, position, this.db.manager);
        return position;
    }
    // The same document and the same audit entry as an answer would have.
    async refuse(error, { opened }, connection, { traceId }) {
        const { status, body } = (0, platform_1.problemOf)(error);
        const { subscriptionId, agreementId, datasetId, purpose } = opened.subscription;
        if (status >= 500)
            this.logger.error({ err: error, traceId, subscriptionId }, 'stream failed');
        if (status === 401 || status === 403)
            await this.audit
                .refused({
                action: 'refuse',
                operation: 'subscriptions:stream',
                outcome: status === 403 ? 'denied' : 'refused',
                actor: (0, platform_1.actorOf)(opened.caller),
                ...{ datasetId, agreementId, subscriptionId, purpose },
                code: body.code,
                reason: body.detail.slice(0, 500),
            })
                .catch((err) => this.logger.error({ err, traceId, subscriptionId }, 'refusal not recorded'));
        await connection.end((0, sse_rules_1.problemFrame)({ ...body, traceId }));
    }
    useOf({ opened: { subscription, caller } }) {
        const { agreementId, subscriptionId, purpose, mode } = subscription;
        const caseReference = subscription.caseReference ?? undefined;
        return { agreementId, subscriptionId, purpose, mode, caseReference, receiver: this.decisions.receiverOf(caller) };
    }
    forget(stream) {
        stream.opened.waiter.close();
        this.running.delete(stream);
    }
};
exports.SseStreams = SseStreams;
exports.SseStreams = SseStreams = __decorate([
    (0, common_1.Injectable)(),
    __param(9, (0, common_1.Inject)(platform_1.LOGGER)),
    __metadata("design:paramtypes", [typeorm_1.DataSource, platform_1.Changes, waiters_1.Waiters, pull_service_1.PullService, platform_1.TokenVerifier, receive_decisions_1.ReceiveDecisions, over_scope_1.OverScope, keys_1.Keys, platform_1.Audit, Object])
], SseStreams);
const headers = { 'content-type': sse_rules_1.sseType, 'cache-control': 'no-store', 'x-accel-buffering': 'no' };
//# sourceMappingURL=sse-streams.js.map