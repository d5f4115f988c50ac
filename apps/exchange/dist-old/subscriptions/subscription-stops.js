"use strict";
var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.SubscriptionStops = void 0;
const common_1 = require("@nestjs/common");
/** What an agreement's changes do to its subscriptions, in the transaction of the change. */
let SubscriptionStops = class SubscriptionStops {
    async stopUnder(agreementId, status, tx) {
        await tx.query(`UPDATE subscriptions
          SET status_before_stop = CASE status WHEN 'stopped' THEN status_before_stop ELSE status END,
              status = 'stopped', stop_reason = $2, version = version + 1
        WHERE agreement_id = $1 AND (status <> 'stopped' OR stop_reason LIKE 'agreement.%')`, [agreementId, `agreement.${status}`]);
    }
    /** Puts what the agreement had stopped back to what it was; the owner's own stops stay. */
    async resumeUnder(agreementId, tx) {
        await tx.query(`UPDATE subscriptions
          SET status = coalesce(status_before_stop, 'active'), status_before_stop = NULL, stop_reason = NULL,
              failures = 0, next_attempt_at = NULL, last_error = NULL, version = version + 1
        WHERE agreement_id = $1 AND status = 'stopped' AND stop_reason LIKE 'agreement.%'`, [agreementId]);
        // What was denied for another reason, such as a period that had not begun, is tried anew under the new terms.
        await tx.query(`UPDATE subscriptions SET next_attempt_at = NULL
        WHERE agreement_id = $1 AND status = 'active' AND last_error LIKE 'decision.denied%'`, [agreementId]);
    }
};
exports.SubscriptionStops = SubscriptionStops;
exports.SubscriptionStops = SubscriptionStops = __decorate([
    (0, common_1.Injectable)()
], SubscriptionStops);
//# sourceMappingURL=subscription-stops.js.map