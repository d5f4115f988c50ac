"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.PartitionEvents1796000000050 = void 0;
// Decision 9. The table that was there becomes the first partition as it stands: nothing is copied. `period` comes last
// in both, so that rows need no conversion on their way into it. The key of a partition is (dataset_id, position); that
// no two partitions hold the same position follows from the lock of the dataset's head.
class PartitionEvents1796000000050 {
    async up(runner) {
        const months = (await runner.query(`
      SELECT to_char(month, 'YYYY-MM-DD') AS period, to_char(month + interval '1 month', 'YYYY-MM-DD') AS next,
             to_char(month, 'YYYY_MM') AS suffix
        FROM date_trunc('month', now() AT TIME ZONE 'UTC') month`));
        const [{ period, next, suffix } = { period: '', next: '', suffix: '' }] = months;
        const first = `events_${suffix}`;
        await runner.query(`
      ALTER TABLE events ADD COLUMN period date NOT NULL DEFAULT '${period}';
      ALTER TABLE events ALTER COLUMN period DROP DEFAULT;
      ALTER TABLE events RENAME TO ${first};
      ALTER INDEX events_pkey RENAME TO ${first}_pkey;
      ALTER INDEX events_by_time RENAME TO ${first}_by_time;
      CREATE TABLE events (LIKE ${first}) PARTITION BY RANGE (period);
      CREATE INDEX events_by_time ON events USING brin (recorded_at);
      ALTER TABLE events ATTACH PARTITION ${first} FOR VALUES FROM ('${period}') TO ('${next}');

      CREATE TABLE ledger_periods (
        dataset_id text NOT NULL,
        period date NOT NULL,
        first_position bigint NOT NULL,
        PRIMARY KEY (dataset_id, period)
      );
      INSERT INTO ledger_periods SELECT dataset_id, '${period}', 1 FROM dataset_heads WHERE last_position > 0;
      ALTER TABLE dataset_heads ADD COLUMN period date;
      UPDATE dataset_heads SET period = '${period}' WHERE last_position > 0;
      CREATE FUNCTION period_of(dataset text, place bigint) RETURNS date LANGUAGE sql STABLE AS
        'SELECT period FROM ledger_periods WHERE dataset_id = dataset AND first_position <= place
          ORDER BY period DESC LIMIT 1';`);
    }
    // For as long as all events are in the first partition.
    async down(runner) {
        const partitions = (await runner.query(`SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'events'::regclass ORDER BY 1`));
        const [first, ...others] = partitions.map(({ name }) => name);
        if (first === undefined)
            throw new Error('events has no partition');
        for (const other of others) {
            const kept = (await runner.query(`SELECT 1 FROM ${other} LIMIT 1`));
            if (kept.length > 0)
                throw new Error(`${other} holds events`);
        }
        await runner.query(`
      ALTER TABLE events DETACH PARTITION ${first};
      DROP FUNCTION period_of;
      DROP TABLE ledger_periods;
      DROP TABLE events;
      ALTER TABLE dataset_heads DROP COLUMN period;
      ALTER TABLE ${first} DROP COLUMN period;
      ALTER TABLE ${first} RENAME TO events;
      ALTER INDEX ${first}_pkey RENAME TO events_pkey;
      ALTER INDEX ${first}_by_time RENAME TO events_by_time;`);
    }
}
exports.PartitionEvents1796000000050 = PartitionEvents1796000000050;
//# sourceMappingURL=1796000000050-partition-events.js.map