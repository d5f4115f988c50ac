"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.columnsOf = exports.mediaTypes = void 0;
exports.headOf = headOf;
exports.lineOf = lineOf;
exports.mediaTypes = {
    csv: 'text/csv; charset=utf-8; header=present',
    ndjson: 'application/x-ndjson',
};
/**
 * The columns of a CSV file before those of the granted pointers, which begin with `/`. The type tells a record that was
 * removed from one that was shared.
 */
const ownColumns = ['position', 'time', 'type'];
const columnsOf = (fields) => [...ownColumns, ...new Set(fields)];
exports.columnsOf = columnsOf;
/** What a file begins with. */
function headOf(format, fields) {
    return format === 'csv' ? csvLine((0, exports.columnsOf)(fields)) : '';
}
/** One record: in NDJSON its event as it is delivered elsewhere; in CSV the granted fields, one a column. */
function lineOf(format, fields, event) {
    if (format === 'ndjson')
        return `${JSON.stringify(event)}\n`;
    const shown = (0, exports.columnsOf)(fields)
        .slice(ownColumns.length)
        .map((pointer) => shownAt(event.data, stepsOf(pointer)));
    return csvLine([event.id, event.time, event.type, ...shown]);
}
// RFC 4180, section 2: lines end with CRLF, quotes are doubled, and what holds a comma, quote or line break is quoted.
const csvLine = (values) => `${values.map(cellOf).join(',')}\r\n`;
// A text that a spreadsheet would take for a formula gets an apostrophe in front. Numbers are no formulas: -5 stays -5.
function cellOf(value) {
    if (value === undefined || value === null)
        return '';
    if (typeof value === 'string')
        return quoted(/^[=+\-@\t\r\n]/.test(value) ? `'${value}` : value);
    return quoted(typeof value === 'object' ? JSON.stringify(value) : String(value));
}
const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const stepsOf = (pointer) => pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
// As the lens goes: a step that meets an array goes into each element, unless it counts one.
function shownAt(value, steps) {
    const [step, ...rest] = steps;
    if (step === undefined)
        return value;
    if (typeof value !== 'object' || value === null)
        return undefined;
    if (Object.hasOwn(value, step))
        return shownAt(value[step], rest);
    return Array.isArray(value) ? value.map((item) => shownAt(item, steps) ?? null) : undefined;
}
//# sourceMappingURL=export-format.rules.js.map