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
exports.PublishDecisions = void 0;
const contracts_1 = require("@govbus/contracts");
const platform_1 = require("@govbus/platform");
const policy_1 = require("@govbus/policy");
const common_1 = require("@nestjs/common");
const lru_cache_1 = require("lru-cache");
const datasets_1 = require("../datasets/datasets");
/**
 * Who may publish what, remembered: a decision by Cedar costs more than all the rest of the ingest.
 * INVARIANT: any change of a principal, a department or a dataset forgets every decision.
 */
let PublishDecisions = class PublishDecisions {
    decisions;
    principals;
    datasets;
    remembered = new lru_cache_1.LRUCache({ max: 50_000 });
    constructor(decisions, principals, datasets) {
        this.decisions = decisions;
        this.principals = principals;
        this.datasets = datasets;
    }
    async onModuleInit() {
        await this.decisions.warmUp();
        this.principals.onChange(() => this.remembered.clear());
        this.datasets.onChange(() => this.remembered.clear());
    }
    /** `Forbidden` `decision.denied` with the explanation unless the caller may publish to the dataset. */
    require(caller, dataset) {
        const key = `${caller.id}|${caller.department}|${dataset.copy.datasetId}|${dataset.copy.version}`;
        let decision = this.remembered.get(key);
        if (!decision) {
            decision = this.decide(caller, dataset);
            this.remembered.set(key, decision);
        }
        if (!decision.allowed)
            throw new contracts_1.Forbidden('decision.denied', decision.explanation.detail, { explanation: { ...decision.explanation } });
    }
    decide(caller, { copy }) {
        const { datasetId, responsibleDepartment, publishers, status } = copy;
        // A principal that the registry copy does not hold yet stands as its token says: the issuer checked it a moment ago.
        const department = this.principals.get(caller.id)?.departmentCode ?? caller.department;
        const isActive = this.principals.isActive(caller.id);
        return this.decisions.canPublish({
            system: { id: caller.id, department, status: isActive ? 'active' : 'suspended' },
            dataset: { datasetId, responsibleDepartment, publishers, status },
        });
    }
};
exports.PublishDecisions = PublishDecisions;
exports.PublishDecisions = PublishDecisions = __decorate([
    (0, common_1.Injectable)(),
    __metadata("design:paramtypes", [policy_1.Decisions, platform_1.Principals, datasets_1.Datasets])
], PublishDecisions);
//# sourceMappingURL=publish-decisions.js.map