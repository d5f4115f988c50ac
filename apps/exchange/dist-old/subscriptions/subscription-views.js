"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.viewsOf = viewsOf;
exports.viewOf = viewOf;
const disclosure_sql_1 = require("../delivery/disclosure.sql");
const conditions_sql_1 = require("./conditions.sql");
/** Views of several subscriptions, in their order. */
async function viewsOf(subscriptions, tx) {
    const heads = await headsOf([...new Set(subscriptions.map(({ datasetId }) => datasetId))], tx);
    const ids = subscriptions.map(({ subscriptionId }) => subscriptionId);
    const conditions = await (0, conditions_sql_1.conditionsOf)(ids, tx);
    return subscriptions.map((subscription) => {
        const { subscriptionId, datasetId } = subscription;
        const head = heads.get(datasetId) ?? 0;
        return { subscription, head, conditions: conditions.get(subscriptionId) ?? conditions_sql_1.noConditions };
    });
}
async function viewOf(subscription, tx) {
    const { subscriptionId, datasetId } = subscription;
    const head = await (0, disclosure_sql_1.headOf)(datasetId, tx);
    return {
        subscription,
        head,
        conditions: (await (0, conditions_sql_1.conditionsOf)([subscriptionId], tx)).get(subscriptionId) ?? conditions_sql_1.noConditions,
    };
}
async function headsOf(datasetIds, tx) {
    const rows = await tx.query('SELECT dataset_id, last_position FROM dataset_heads WHERE dataset_id = ANY($1)', [datasetIds]);
    return new Map(rows.map((row) => [row.dataset_id, Number(row.last_position)]));
}
//# sourceMappingURL=subscription-views.js.map