"use strict";
var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.RecentAcceptances = void 0;
const common_1 = require("@nestjs/common");
/** How many acceptances are remembered: more than a second's, which is how far the ledger is behind at most times. */
const remembered = 16_384;
/**
 * The events that this process accepted last, so that their status can be told before the ledger has them. A ring: an
 * entry costs some nanoseconds, a look-up goes through all.
 */
let RecentAcceptances = class RecentAcceptances {
    ring = [];
    next = 0;
    /** Remembers an event that is on the bus. */
    note({ source, id, dataset: datasetId, publisher, recordedtime: recordedAt }) {
        this.ring[this.next] = { source, id, datasetId, publisher, recordedAt };
        this.next = (this.next + 1) % remembered;
    }
    /** Undefined when it is longer ago, or another process accepted it, or nobody. */
    find(source, id) {
        return this.ring.find((entry) => entry.id === id && entry.source === source);
    }
};
exports.RecentAcceptances = RecentAcceptances;
exports.RecentAcceptances = RecentAcceptances = __decorate([
    (0, common_1.Injectable)()
], RecentAcceptances);
//# sourceMappingURL=recent-acceptances.js.map