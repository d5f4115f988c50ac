"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.WidenDisclosures1796000000020 = void 0;
// Not every disclosure belongs to a subscription; purpose and way of delivery then stand in the row itself.
class WidenDisclosures1796000000020 {
    async up(runner) {
        await runner.query(`
      ALTER TABLE disclosures
        ALTER COLUMN subscription_id DROP NOT NULL,
        ADD COLUMN export_id uuid,
        ADD COLUMN purpose text,
        ADD COLUMN mode text,
        ADD COLUMN case_reference text;`);
    }
    async down(runner) {
        await runner.query(`
      DELETE FROM disclosures WHERE subscription_id IS NULL;
      ALTER TABLE disclosures
        ALTER COLUMN subscription_id SET NOT NULL,
        DROP COLUMN export_id, DROP COLUMN purpose, DROP COLUMN mode, DROP COLUMN case_reference`);
    }
}
exports.WidenDisclosures1796000000020 = WidenDisclosures1796000000020;
//# sourceMappingURL=1796000000020-widen-disclosures.js.map