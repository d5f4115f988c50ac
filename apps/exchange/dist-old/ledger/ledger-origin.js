"use strict";
var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.RebuildOrigin = exports.LedgerOrigin = exports.rebuildLock = void 0;
const common_1 = require("@nestjs/common");
/** Held by a rebuild for itself alone, and shared by each transaction that writes what comes in meanwhile. */
exports.rebuildLock = 7_030_212;
/** Why events are written: because they were published, or again, by a rebuild of the ledger. */
let LedgerOrigin = class LedgerOrigin {
    isRebuild = false;
};
exports.LedgerOrigin = LedgerOrigin;
exports.LedgerOrigin = LedgerOrigin = __decorate([
    (0, common_1.Injectable)()
], LedgerOrigin);
class RebuildOrigin extends LedgerOrigin {
    isRebuild = true;
}
exports.RebuildOrigin = RebuildOrigin;
//# sourceMappingURL=ledger-origin.js.map