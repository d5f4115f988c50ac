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
exports.InboxWorker = void 0;
const messaging_1 = require("@govbus/messaging");
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const typeorm_1 = require("typeorm");
const app_config_1 = require("../app.config");
const inbox_intake_1 = require("./inbox-intake");
// Without a change it is looked again after so long, and after trouble; in ms.
const [lookEveryMs, retryMs] = [60_000, 5_000];
// Systems whose topics are made in one request: a broker takes its time for each.
const madeAtOnce = 50;
const kept = { 'cleanup.policy': 'delete', 'retention.ms': '604800000', 'max.message.bytes': '1048588' };
/**
 * Gives every system of the registry its topics `inbox.<system>` and `inbox.<system>.rejected` and reads the first.
 * A system that the registry tells of later needs no restart. Each has one partition: its events keep their order.
 */
let InboxWorker = class InboxWorker {
    config;
    db;
    principals;
    logger;
    reader;
    looking;
    isAskedAgain = false;
    stopped = false;
    timer;
    constructor(config, db, principals, logger, intake) {
        this.config = config;
        this.db = db;
        this.principals = principals;
        this.logger = logger;
        this.reader = new messaging_1.TopicsReader({
            brokers: config.brokers,
            clientId: 'exchange-inbox',
            groupId: config.INBOX_GROUP,
            maxBatch: 500,
            log: (0, platform_1.logFunction)(logger),
            onBatch: (topic, partition, messages) => intake.take(topic, partition, messages),
        });
    }
    onApplicationBootstrap() {
        if (this.config.INBOX === 'off')
            return;
        this.principals.onChange(() => this.look());
        this.look();
    }
    async beforeApplicationShutdown() {
        this.stopped = true;
        clearTimeout(this.timer);
        await this.looking;
        await this.reader.stop();
    }
    look() {
        this.isAskedAgain = true;
        this.looking ??= this.untilFollowed().finally(() => (this.looking = undefined));
    }
    // Changes that come while one look is under way share the next.
    async untilFollowed() {
        let waitMs = lookEveryMs;
        while (this.isAskedAgain && !this.stopped) {
            this.isAskedAgain = false;
            try {
                await this.follow();
            }
            catch (err) {
                this.logger.warn({ err }, 'inboxes not ready yet');
                waitMs = retryMs;
            }
        }
        clearTimeout(this.timer);
        if (!this.stopped)
            this.timer = setTimeout(() => this.look(), waitMs).unref();
    }
    async follow() {
        const systems = await this.db.query(`SELECT principal_id AS id FROM principals WHERE kind = 'system' ORDER BY principal_id`);
        const topics = systems.map(({ id }) => (0, inbox_intake_1.inboxOf)(id)).filter((topic) => !this.reader.reads.includes(topic));
        if (topics.length === 0)
            return;
        let created = 0;
        for (let from = 0; from < topics.length; from += madeAtOnce)
            created += await this.make(topics.slice(from, from + madeAtOnce));
        await this.reader.read(topics);
        this.logger.info({ created, read: topics.length }, 'inboxes followed');
    }
    async make(inboxes) {
        const topics = inboxes.flatMap((inbox) => [inbox, `${inbox}.rejected`].map((topic) => ({ topic, partitions: 1, config: kept })));
        return (await (0, messaging_1.createTopics)({ brokers: this.config.brokers, topics })).length;
    }
};
exports.InboxWorker = InboxWorker;
exports.InboxWorker = InboxWorker = __decorate([
    (0, common_1.Injectable)(),
    __param(3, (0, common_1.Inject)(platform_1.LOGGER)),
    __metadata("design:paramtypes", [app_config_1.AppConfig, typeorm_1.DataSource, platform_1.Principals, Object, inbox_intake_1.InboxIntake])
], InboxWorker);
//# sourceMappingURL=inbox.worker.js.map