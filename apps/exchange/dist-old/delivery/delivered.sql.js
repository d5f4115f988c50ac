"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.delivered = void 0;
/**
 * What a confirmed page changes of a subscription: `positions` of it were delivered, each counted once however often it
 * goes out, and everything from behind `after` to `through` is passed. Parameters of the statement, such as `$3`.
 */
const delivered = (after, through, positions) => `
  delivered = delivered + (SELECT count(*) FROM unnest(${positions}::bigint[]) sent WHERE NOT counted @> sent),
  counted = counted + int8multirange(int8range(${after}::bigint + 1, ${through}::bigint + 1)),
  last_delivered_at = CASE WHEN cardinality(${positions}::bigint[]) > 0 THEN clock_timestamp() ELSE last_delivered_at END`;
exports.delivered = delivered;
//# sourceMappingURL=delivered.sql.js.map