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
exports.ShareTopics = void 0;
const messaging_1 = require("@govbus/messaging");
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const typeorm_1 = require("typeorm");
const app_config_1 = require("../app.config");
const subscription_rules_1 = require("../subscriptions/subscription.rules");
const share_rules_1 = require("./share.rules");
const share_topics_sql_1 = require("./share-topics.sql");
const pollMs = 1_000;
const maxAtOnce = 50;
/** How long making or removing topics may take before another process tries, in milliseconds. */
const claimMs = 120_000;
const maxPauseMs = 30_000;
// Short, so that the process can end while Kafka is away; it is tried again from here.
const patience = { requestTimeoutMs: 5_000, retries: 2 };
/** Makes the topics of new subscriptions and removes those of deleted ones, however long Kafka is away. */
let ShareTopics = class ShareTopics {
    db;
    changes;
    clock;
    config;
    logger;
    timer;
    working;
    isStopping = false;
    constructor(db, changes, clock, config, logger) {
        this.db = db;
        this.changes = changes;
        this.clock = clock;
        this.config = config;
        this.logger = logger;
    }
    async onApplicationBootstrap() {
        await this.changes.on(share_topics_sql_1.SHARE_TOPICS_CHANGED, () => this.wake());
        this.timer = setInterval(() => this.wake(), pollMs);
    }
    async beforeApplicationShutdown() {
        this.isStopping = true;
        clearInterval(this.timer);
        await this.working;
    }
    wake() {
        if (this.isStopping || this.working)
            return;
        this.working = this.work()
            .catch((err) => this.logger.warn({ err }, 'share topics not looked after'))
            .finally(() => (this.working = undefined));
    }
    async work() {
        for (;;) {
            const now = this.clock.now();
            const until = new Date(now.getTime() + claimMs);
            const due = await (0, share_topics_sql_1.claimTopics)(now, until, maxAtOnce, this.db.manager);
            await this.attempt(due.filter(({ isWanted }) => isWanted), (ids) => this.create(ids));
            await this.attempt(due.filter(({ isWanted }) => !isWanted), (ids) => this.remove(ids));
            if (due.length === 0 || this.isStopping)
                return;
        }
    }
    async attempt(due, act) {
        if (due.length === 0)
            return;
        try {
            await act(due.map(({ subscriptionId }) => subscriptionId));
        }
        catch (err) {
            this.logger.warn({ err, topics: due.length }, 'topics neither made nor removed');
            for (const { subscriptionId, attempts } of due) {
                const pauseMs = Math.min((0, subscription_rules_1.retryDelayMs)(attempts, Math.random()), maxPauseMs);
                await (0, share_topics_sql_1.postponeTopic)(subscriptionId, new Date(this.clock.now().getTime() + pauseMs), this.db.manager);
            }
        }
    }
    async create(subscriptionIds) {
        const { brokers } = this.config;
        await (0, messaging_1.createTopics)({ brokers, ...patience, topics: subscriptionIds.map(share_rules_1.newShareTopic) });
        const orphans = await (0, share_topics_sql_1.noteCreated)(subscriptionIds, this.clock.now(), this.db.manager);
        await (0, messaging_1.deleteTopics)({ brokers, ...patience, topics: orphans.map(share_rules_1.topicOf) });
    }
    async remove(subscriptionIds) {
        await (0, messaging_1.deleteTopics)({ brokers: this.config.brokers, ...patience, topics: subscriptionIds.map(share_rules_1.topicOf) });
        await (0, share_topics_sql_1.noteRemoved)(subscriptionIds, this.db.manager);
    }
};
exports.ShareTopics = ShareTopics;
exports.ShareTopics = ShareTopics = __decorate([
    (0, common_1.Injectable)(),
    __param(4, (0, common_1.Inject)(platform_1.LOGGER)),
    __metadata("design:paramtypes", [typeorm_1.DataSource, platform_1.Changes, platform_1.Clock, app_config_1.AppConfig, Object])
], ShareTopics);
//# sourceMappingURL=share-topics.js.map