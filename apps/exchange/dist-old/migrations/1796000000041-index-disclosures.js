"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.IndexDisclosures1796000000041 = void 0;
// Who was given an event: a row for each page, so the index is small beside the ledger's.
class IndexDisclosures1796000000041 {
    async up(runner) {
        await runner.query('CREATE INDEX disclosures_by_agreement ON disclosures (agreement_id, last_position)');
    }
    async down(runner) {
        await runner.query('DROP INDEX disclosures_by_agreement');
    }
}
exports.IndexDisclosures1796000000041 = IndexDisclosures1796000000041;
//# sourceMappingURL=1796000000041-index-disclosures.js.map