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
exports.Publication = void 0;
const messaging_1 = require("@govbus/messaging");
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const acceptance_1 = require("./acceptance");
const outcome_1 = require("./outcome");
const recent_acceptances_1 = require("./recent-acceptances");
const refusals_1 = require("./refusals");
/** The two steps of publishing that all modes share: decide on an event, and settle what was decided. */
let Publication = class Publication {
    acceptance;
    producer;
    refusals;
    recent;
    constructor(acceptance, producer, refusals, recent) {
        this.acceptance = acceptance;
        this.producer = producer;
        this.refusals = refusals;
        this.recent = recent;
    }
    /** What becomes of one parsed event. Errors: a fault of ours is no refusal of the event, and is thrown. */
    async outcomeOf(value, index, caller) {
        try {
            return { index, event: await this.acceptance.accept(value, caller) };
        }
        catch (error) {
            const problem = (0, platform_1.problemOf)(error);
            if (problem.status >= 500)
                throw error;
            const { id, dataset } = (0, outcome_1.claimsOf)(value);
            return { index, id, dataset, problem };
        }
    }
    /** Commits the refusals among the outcomes to the audit log. Errors: `Unavailable` `audit.busy`. */
    record(outcomes, caller, traceId) {
        return this.refusals.record((0, outcome_1.refusalEntries)((0, outcome_1.refusedIn)(outcomes), caller, traceId));
    }
    /** Resolves when all accepted events among the outcomes are acknowledged. Errors: those of `Producer.sendAll`. */
    async send(outcomes) {
        const accepted = (0, outcome_1.acceptedIn)(outcomes);
        await this.producer.sendAll(accepted.map(outcome_1.messageOf));
        for (const event of accepted)
            this.recent.note(event);
    }
};
exports.Publication = Publication;
exports.Publication = Publication = __decorate([
    (0, common_1.Injectable)(),
    __metadata("design:paramtypes", [acceptance_1.Acceptance, messaging_1.Producer, refusals_1.Refusals, recent_acceptances_1.RecentAcceptances])
], Publication);
//# sourceMappingURL=publication.js.map