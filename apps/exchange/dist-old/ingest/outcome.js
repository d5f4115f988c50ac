"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.messageOf = exports.refusedIn = exports.acceptedIn = exports.BUS_TOPIC = void 0;
exports.resultOf = resultOf;
exports.claimsOf = claimsOf;
exports.refusalEntries = refusalEntries;
const platform_1 = require("@govbus/platform");
exports.BUS_TOPIC = 'bus.events';
const acceptedIn = (outcomes) => outcomes.flatMap((outcome) => ('event' in outcome ? [outcome.event] : []));
exports.acceptedIn = acceptedIn;
const refusedIn = (outcomes) => outcomes.flatMap((outcome) => ('problem' in outcome ? [outcome] : []));
exports.refusedIn = refusedIn;
const headers = { 'content-type': 'application/cloudevents+json' };
const messageOf = ({ dataset, text }) => ({
    topic: exports.BUS_TOPIC,
    key: dataset,
    value: text,
    headers,
});
exports.messageOf = messageOf;
/** How an answer names an outcome; `good` is what an event is called that is not refused. */
function resultOf(outcome, good = 'accepted') {
    if ('event' in outcome)
        return { index: outcome.index, id: outcome.event.id, status: good };
    const { code, detail, faults, explanation } = outcome.problem.body;
    return { index: outcome.index, id: outcome.id, status: 'refused', problem: { code, detail, faults, explanation } };
}
/** Who an event claims to be, for the receipt and the audit entry; only where it is well-formed. */
function claimsOf(value) {
    const { id, dataset } = (value ?? {});
    return {
        id: typeof id === 'string' && id.length <= 512 ? id : undefined,
        dataset: typeof dataset === 'string' && /^[a-z0-9][a-z0-9-]{1,62}$/.test(dataset) ? dataset : undefined,
    };
}
/** One entry for each code and dataset of a request; no payload, no id of an event. */
function refusalEntries(refused, caller, traceId) {
    const entries = new Map();
    for (const { problem, dataset } of refused) {
        const key = `${problem.body.code}|${dataset ?? ''}`;
        const entry = entries.get(key);
        if (entry)
            entry.records += 1;
        else
            entries.set(key, {
                action: 'refuse',
                operation: 'events:publish',
                outcome: problem.body.code === 'decision.denied' ? 'denied' : 'refused',
                actor: caller ? (0, platform_1.actorOf)(caller) : { id: 'anonymous', kind: 'anonymous' },
                datasetId: dataset,
                records: 1,
                entity: `request:${traceId}`.slice(0, 120),
                code: problem.body.code,
                reason: problem.body.detail.slice(0, 500),
            });
    }
    return [...entries.values()];
}
//# sourceMappingURL=outcome.js.map