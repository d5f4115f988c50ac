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
exports.Lenses = void 0;
const policy_1 = require("@govbus/policy");
const common_1 = require("@nestjs/common");
const lru_cache_1 = require("lru-cache");
const keys_1 = require("./keys");
/** The lens of each agreement, compiled once for each version, and for each area that it is narrowed to. */
let Lenses = class Lenses {
    keys;
    compiled = new lru_cache_1.LRUCache({ max: 2_000 });
    constructor(keys) {
        this.keys = keys;
    }
    of(agreement, areaCode) {
        const key = `${agreement.agreementId}:${agreement.version}:${areaCode ?? ''}`;
        let lens = this.compiled.get(key);
        if (!lens) {
            const terms = areaCode === undefined ? agreement.terms : (0, policy_1.narrowArea)(agreement.terms, areaCode);
            lens = (0, policy_1.compileLens)(terms, { pseudonymKey: this.keys.pseudonymKeyOf(agreement.agreementId) });
            this.compiled.set(key, lens);
        }
        return lens;
    }
};
exports.Lenses = Lenses;
exports.Lenses = Lenses = __decorate([
    (0, common_1.Injectable)(),
    __metadata("design:paramtypes", [keys_1.Keys])
], Lenses);
//# sourceMappingURL=lenses.js.map