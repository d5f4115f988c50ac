"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.CreateCircuits1796000000036 = void 0;
// By department and address: a department that names another's address and is refused there must not delay the other.
// A row is there only while an endpoint fails.
class CreateCircuits1796000000036 {
    async up(runner) {
        await runner.query(`
      CREATE TABLE endpoint_circuits (
        consumer_department text NOT NULL,
        url text NOT NULL,
        failures integer NOT NULL,
        opened integer NOT NULL,
        open_until timestamptz,
        probe_by uuid,
        probe_until timestamptz,
        PRIMARY KEY (consumer_department, url)
      );`);
    }
    async down(runner) {
        await runner.query('DROP TABLE endpoint_circuits');
    }
}
exports.CreateCircuits1796000000036 = CreateCircuits1796000000036;
//# sourceMappingURL=1796000000036-create-circuits.js.map