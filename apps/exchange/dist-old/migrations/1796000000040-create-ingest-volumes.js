"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.CreateIngestVolumes1796000000040 = void 0;
class CreateIngestVolumes1796000000040 {
    async up(runner) {
        await runner.query(`
      CREATE TABLE ingest_volumes (
        day date NOT NULL,
        system text NOT NULL,
        bytes bigint NOT NULL,
        PRIMARY KEY (day, system)
      )`);
    }
    async down(runner) {
        await runner.query('DROP TABLE ingest_volumes');
    }
}
exports.CreateIngestVolumes1796000000040 = CreateIngestVolumes1796000000040;
//# sourceMappingURL=1796000000040-create-ingest-volumes.js.map