"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.CreateFilters1796000000013 = void 0;
class CreateFilters1796000000013 {
    async up(runner) {
        await runner.query(`ALTER TABLE subscriptions ADD COLUMN filters jsonb NOT NULL DEFAULT '[]'`);
    }
    async down(runner) {
        await runner.query('ALTER TABLE subscriptions DROP COLUMN filters');
    }
}
exports.CreateFilters1796000000013 = CreateFilters1796000000013;
//# sourceMappingURL=1796000000013-create-filters.js.map