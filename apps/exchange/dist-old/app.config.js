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
Object.defineProperty(exports, "__esModule", { value: true });
exports.AppConfig = void 0;
const platform_1 = require("@govbus/platform");
const class_transformer_1 = require("class-transformer");
const class_validator_1 = require("class-validator");
const roles_1 = require("./roles");
/** Settings of the exchange. */
class AppConfig extends platform_1.ServiceConfig {
    /** What this process does: `ingest`, `ledger`, `delivery`, with commas between. */
    EXCHANGE_ROLES = roles_1.roles.join(',');
    /** File with 32 random bytes in base64: keys the hashes of data subjects; the same file as the audit service has. */
    SUBJECT_KEY_FILE;
    /** File with 32 random bytes in base64: root of the pseudonym, cursor and webhook keys. */
    PSEUDONYM_KEY_FILE;
    /** Whether webhooks may go to loopback and private addresses, and without TLS: for one machine and for tests. */
    WEBHOOK_ALLOW_PRIVATE = 'false';
    /** Kafka group of the ledger's readers; another only for another exchange (its own database) on the same brokers. */
    LEDGER_GROUP = 'exchange.ledger';
    /** Whether each system gets a topic `inbox.<system>` of its own, which is read here. */
    INBOX = 'on';
    /** Kafka group of the readers of inboxes; another only for another exchange on the same brokers. */
    INBOX_GROUP = 'exchange.inbox';
    /** Events that a system may publish each second through one process, twice as many at once; 0: no limit. */
    INGEST_EVENTS_PER_SECOND = 50_000;
    /** Bytes that a system may publish each day (UTC) through all processes; 0: no limit. */
    INGEST_BYTES_PER_DAY = 0;
    /** Hours that an exported file is kept. */
    EXPORT_HOURS = 24;
    /** The roles, each once. */
    get roles() {
        return (0, roles_1.rolesIn)(this.EXCHANGE_ROLES);
    }
}
exports.AppConfig = AppConfig;
__decorate([
    (0, class_validator_1.Matches)(roles_1.rolesPattern, { message: `EXCHANGE_ROLES must be of ${roles_1.roles.join(', ')}, with commas between` }),
    __metadata("design:type", Object)
], AppConfig.prototype, "EXCHANGE_ROLES", void 0);
__decorate([
    (0, class_validator_1.IsString)(),
    __metadata("design:type", String)
], AppConfig.prototype, "SUBJECT_KEY_FILE", void 0);
__decorate([
    (0, class_validator_1.IsString)(),
    __metadata("design:type", String)
], AppConfig.prototype, "PSEUDONYM_KEY_FILE", void 0);
__decorate([
    (0, class_validator_1.IsIn)(['true', 'false']),
    __metadata("design:type", String)
], AppConfig.prototype, "WEBHOOK_ALLOW_PRIVATE", void 0);
__decorate([
    (0, class_validator_1.IsString)(),
    __metadata("design:type", Object)
], AppConfig.prototype, "LEDGER_GROUP", void 0);
__decorate([
    (0, class_validator_1.IsIn)(['on', 'off']),
    __metadata("design:type", String)
], AppConfig.prototype, "INBOX", void 0);
__decorate([
    (0, class_validator_1.IsString)(),
    __metadata("design:type", Object)
], AppConfig.prototype, "INBOX_GROUP", void 0);
__decorate([
    (0, class_transformer_1.Type)(() => Number),
    (0, class_validator_1.IsInt)(),
    (0, class_validator_1.Min)(0),
    __metadata("design:type", Object)
], AppConfig.prototype, "INGEST_EVENTS_PER_SECOND", void 0);
__decorate([
    (0, class_transformer_1.Type)(() => Number),
    (0, class_validator_1.IsInt)(),
    (0, class_validator_1.Min)(0),
    __metadata("design:type", Object)
], AppConfig.prototype, "INGEST_BYTES_PER_DAY", void 0);
__decorate([
    (0, class_transformer_1.Type)(() => Number),
    (0, class_validator_1.IsInt)(),
    (0, class_validator_1.Min)(1),
    (0, class_validator_1.Max)(720),
    __metadata("design:type", Object)
], AppConfig.prototype, "EXPORT_HOURS", void 0);
//# sourceMappingURL=app.config.js.map