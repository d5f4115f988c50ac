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
exports.Acceptance = exports.maxKeyBytes = void 0;
const node_crypto_1 = require("node:crypto");
const contracts_1 = require("@govbus/contracts");
const platform_1 = require("@govbus/platform");
const common_1 = require("@nestjs/common");
const datasets_1 = require("../datasets/datasets");
const pointer_1 = require("../datasets/pointer");
const canonical_1 = require("./canonical");
const cloud_event_1 = require("./cloud-event");
const publish_decisions_1 = require("./publish-decisions");
/** Longest record key, in bytes of UTF-8: it is the entry of an index. */
exports.maxKeyBytes = 1024;
/** What must hold of an event before it goes to the bus: form, dataset, decision, schema; in this order. */
let Acceptance = class Acceptance {
    datasets;
    decisions;
    clock;
    constructor(datasets, decisions, clock) {
        this.datasets = datasets;
        this.decisions = decisions;
        this.clock = clock;
    }
    /** The bus event of one parsed JSON value, or the refusal as an error. */
    async accept(value, caller) {
        const whole = (0, canonical_1.canonicalText)(value);
        const event = (0, cloud_event_1.parseCloudEvent)(value);
        const canonical = event === value ? whole : (0, canonical_1.canonicalText)(event);
        if (Buffer.byteLength(canonical) > contracts_1.maxEventBytes)
            throw new platform_1.EdgeError(413, 'body.too-large', `an event is at most ${contracts_1.maxEventBytes} bytes`);
        const dataset = await this.datasets.find(event.dataset);
        if (!dataset)
            throw new contracts_1.NotFound('dataset.unknown', `there is no dataset \`${event.dataset}\``);
        this.decisions.require(caller, dataset);
        const schemaversion = checkPayload(event, dataset);
        const digest = (0, node_crypto_1.hash)('sha256', canonical, 'hex');
        const recordedtime = this.clock.now().toISOString();
        const { id, source } = event;
        const publisher = caller.id;
        const text = (0, cloud_event_1.busText)(event, canonical, { publisher, recordedtime, schemaversion, digest });
        return { id, source, dataset: event.dataset, publisher, recordedtime, text };
    }
};
exports.Acceptance = Acceptance;
exports.Acceptance = Acceptance = __decorate([
    (0, common_1.Injectable)(),
    __metadata("design:paramtypes", [datasets_1.Datasets, publish_decisions_1.PublishDecisions, platform_1.Clock])
], Acceptance);
/** The schema version of a tombstone, whose payload is asked for its key alone. */
const noSchema = 0;
function checkPayload(event, dataset) {
    if (event.tombstone === true) {
        const faults = keyFaults(event, dataset);
        if (faults.length > 0)
            throw new contracts_1.Invalid('schema.violated', `\`data\` of a tombstone must hold the key of \`${event.dataset}\``, {
                faults,
            });
        return noSchema;
    }
    const version = (0, cloud_event_1.askedSchemaVersion)(event) ?? dataset.newest;
    const check = dataset.checks.get(version);
    if (!check) {
        const fault = { pointer: '/dataschema', code: 'schema-version', detail: 'the dataset has no such schema version' };
        throw new contracts_1.Invalid('event.invalid', 'the event names an unknown schema version', { faults: [fault] });
    }
    const faults = check(event.data);
    if (faults.length === 0)
        faults.push(...keyFaults(event, dataset));
    if (faults.length > 0)
        throw new contracts_1.Invalid('schema.violated', `\`data\` breaks schema version ${version} of \`${event.dataset}\``, {
            faults,
        });
    return version;
}
function keyFaults(event, { copy: { keyPointer } }) {
    const key = (0, pointer_1.keyAt)(event.data, keyPointer);
    if (key !== undefined && Buffer.byteLength(key) <= exports.maxKeyBytes)
        return [];
    const detail = `the key of the record must be a value of 1 to ${exports.maxKeyBytes} bytes`;
    return [{ pointer: `/data${keyPointer}`, code: 'record-key', detail }];
}
//# sourceMappingURL=acceptance.js.map