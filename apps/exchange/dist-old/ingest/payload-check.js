"use strict";
var __importDefault = (this && this.__importDefault) || function (mod) {
    return (mod && mod.__esModule) ? mod : { "default": mod };
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.compileChecks = compileChecks;
const ajv_formats_1 = __importDefault(require("ajv-formats"));
const _2020_1 = require("ajv/dist/2020");
const maxFaults = 20;
/** One compiled check for each schema version; versions never change, so those `known` already are kept. */
function compileChecks(schemas, known = new Map()) {
    return new Map(schemas.map(({ schemaVersion, schema }) => [schemaVersion, known.get(schemaVersion) ?? compile(schema)]));
}
function compile(schema) {
    // An instance for each schema: `$id`s of different datasets must not meet.
    const ajv = new _2020_1.Ajv2020({ strict: false, allErrors: false, ownProperties: true, logger: false });
    ajv_formats_1.default.default(ajv);
    const validate = ajv.compile(schema);
    return (data) => (validate(data) ? [] : (validate.errors ?? []).slice(0, maxFaults).map(toFault));
}
// The keyword and what the schema says of it; never the value, and never a name that the publisher made up.
function toFault(error) {
    const params = error.params;
    const missing = params.missingProperty === undefined ? '' : ` \`${params.missingProperty}\``;
    const pointer = error.instancePath === '' ? '/data' : `/data${error.instancePath}`;
    return { pointer, code: error.keyword, detail: `breaks \`${error.keyword}\`${missing}` };
}
//# sourceMappingURL=payload-check.js.map