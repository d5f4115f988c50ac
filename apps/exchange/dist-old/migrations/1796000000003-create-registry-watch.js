"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.CreateRegistryWatch1796000000003 = void 0;
class CreateRegistryWatch1796000000003 {
    async up(runner) {
        // Unlogged: it is written several times a second and worth nothing after a crash.
        await runner.query(`
      CREATE UNLOGGED TABLE registry_watch (
        topic text PRIMARY KEY,
        caught_up_at timestamptz NOT NULL
      ) WITH (fillfactor = 50);`);
    }
    async down(runner) {
        await runner.query('DROP TABLE registry_watch');
    }
}
exports.CreateRegistryWatch1796000000003 = CreateRegistryWatch1796000000003;
//# sourceMappingURL=1796000000003-create-registry-watch.js.map