"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.CreateTombstones1796000000051 = void 0;
// A tombstone is an event with `schema_version` 0. What it removed is needed to say who may be told; it is kept apart, so
// that other events cost nothing more.
class CreateTombstones1796000000051 {
    async up(runner) {
        await runner.query(`
      CREATE TABLE tombstones (
        dataset_id text NOT NULL,
        position bigint NOT NULL,
        removed_position bigint NOT NULL,
        PRIMARY KEY (dataset_id, position)
      );
      CREATE INDEX tombstones_by_removed ON tombstones (dataset_id, removed_position);`);
    }
    async down(runner) {
        await runner.query('DROP TABLE tombstones');
    }
}
exports.CreateTombstones1796000000051 = CreateTombstones1796000000051;
//# sourceMappingURL=1796000000051-create-tombstones.js.map