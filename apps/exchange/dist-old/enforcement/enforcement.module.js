"use strict";
var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.EnforcementModule = void 0;
const common_1 = require("@nestjs/common");
const limits_1 = require("./limits");
const over_scope_1 = require("./over-scope");
/** What bounds every use of an agreement, whichever feature it comes through. */
let EnforcementModule = class EnforcementModule {
};
exports.EnforcementModule = EnforcementModule;
exports.EnforcementModule = EnforcementModule = __decorate([
    (0, common_1.Global)(),
    (0, common_1.Module)({ providers: [limits_1.Limits, over_scope_1.OverScope], exports: [limits_1.Limits, over_scope_1.OverScope] })
], EnforcementModule);
//# sourceMappingURL=enforcement.module.js.map