"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.readListCursor = readListCursor;
const contracts_1 = require("@govbus/contracts");
const platform_1 = require("@govbus/platform");
const class_validator_1 = require("class-validator");
// As the page wrote it: what else a machine takes for a time the database may not.
const instant = /^[1-9]\d{3}-\d\d-\d\dT[\d:.]{12}Z$/;
/**
 * The time and the id in a cursor; undefined without one.
 *
 * Errors: `Invalid` `cursor.invalid` when it holds anything else.
 */
function readListCursor(cursor) {
    const parts = (0, platform_1.readCursor)(cursor, 2);
    if (!parts)
        return undefined;
    const [at, id] = parts;
    const isTime = typeof at === 'string' && instant.test(at) && !Number.isNaN(Date.parse(at));
    if (!isTime || typeof id !== 'string' || !(0, class_validator_1.isUUID)(id))
        throw new contracts_1.Invalid('cursor.invalid', 'the cursor is not one that this list gave out');
    return { at, id };
}
//# sourceMappingURL=list-cursor.js.map