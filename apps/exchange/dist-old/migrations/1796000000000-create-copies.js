"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.CreateCopies1796000000000 = void 0;
class CreateCopies1796000000000 {
    async up(runner) {
        await runner.query(`
      CREATE TABLE datasets (
        dataset_id text PRIMARY KEY,
        responsible_department text NOT NULL,
        publishers jsonb NOT NULL,
        key_pointer text NOT NULL,
        data_subject_pointer text,
        schemas jsonb NOT NULL,
        status text NOT NULL,
        version integer NOT NULL
      );
      CREATE TABLE agreements (
        agreement_id uuid PRIMARY KEY,
        dataset_id text NOT NULL,
        provider_department text NOT NULL,
        consumer_department text NOT NULL,
        status text NOT NULL,
        terms jsonb NOT NULL,
        version integer NOT NULL
      );`);
    }
    async down(runner) {
        await runner.query('DROP TABLE agreements, datasets');
    }
}
exports.CreateCopies1796000000000 = CreateCopies1796000000000;
//# sourceMappingURL=1796000000000-create-copies.js.map