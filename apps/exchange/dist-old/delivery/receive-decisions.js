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
exports.ReceiveDecisions = void 0;
const platform_1 = require("@govbus/platform");
const policy_1 = require("@govbus/policy");
const common_1 = require("@nestjs/common");
/** Whether a receiver may have data under an agreement now. Never remembered: it is asked once for each page. */
let ReceiveDecisions = class ReceiveDecisions {
    decisions;
    principals;
    clock;
    constructor(decisions, principals, clock) {
        this.decisions = decisions;
        this.principals = principals;
        this.clock = clock;
    }
    /** The caller of a request; one that the registry copy does not hold yet stands as its token says. */
    receiverOf(caller) {
        const department = this.principals.get(caller.id)?.departmentCode ?? caller.department;
        return { id: caller.id, kind: caller.kind, department, isActive: this.principals.isActive(caller.id) };
    }
    /** The owner of a webhook: no token speaks for it, so a principal that is not in the registry copy gets nothing. */
    receiverById(principalId) {
        const principal = this.principals.get(principalId);
        return {
            id: principalId,
            kind: principal?.kind ?? 'system',
            department: principal?.departmentCode ?? 'unknown',
            isActive: principal !== undefined && this.principals.isActive(principalId),
        };
    }
    decide(agreement, receiver, use) {
        const { id, kind, department, isActive } = receiver;
        return this.decisions.canReceive({
            principal: { id, kind, department, status: isActive ? 'active' : 'suspended' },
            agreement,
            purpose: use.purpose,
            mode: use.mode,
            caseReference: use.caseReference ?? undefined,
            now: this.clock.now(),
            provider: this.statusOf(agreement.providerDepartment),
            consumer: this.statusOf(agreement.consumerDepartment),
        });
    }
    statusOf(departmentCode) {
        const department = this.principals.department(departmentCode);
        return department && { status: department.status };
    }
};
exports.ReceiveDecisions = ReceiveDecisions;
exports.ReceiveDecisions = ReceiveDecisions = __decorate([
    (0, common_1.Injectable)(),
    __metadata("design:paramtypes", [policy_1.Decisions, platform_1.Principals, platform_1.Clock])
], ReceiveDecisions);
//# sourceMappingURL=receive-decisions.js.map