import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the log is made of only grows: the database itself refuses anything else. */
export class GuardLog1796000001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION refuse_shrinking() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF TG_TABLE_NAME = 'log_state' THEN
          IF NEW.size > OLD.size THEN RETURN NEW; END IF;
        ELSIF NEW.level = OLD.level AND NEW.tile = OLD.tile AND length(NEW.hashes) > length(OLD.hashes)
          AND substring(NEW.hashes FROM 1 FOR length(OLD.hashes)) = OLD.hashes THEN RETURN NEW;
        END IF;
        RAISE EXCEPTION 'the log only grows';
      END $$`);
    for (const table of ['log_state', 'tiles']) {
      await runner.query(`
        CREATE TRIGGER ${table}_grows BEFORE UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse_shrinking()`);
      await runner.query(`
        CREATE TRIGGER ${table}_stays BEFORE DELETE OR TRUNCATE ON ${table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`);
    }
    await runner.query(`
      CREATE TRIGGER unreadable_entries_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON unreadable_entries
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER unreadable_entries_stay ON unreadable_entries');
    for (const table of ['log_state', 'tiles'])
      await runner.query(`DROP TRIGGER ${table}_grows ON ${table}; DROP TRIGGER ${table}_stays ON ${table}`);
    await runner.query('DROP FUNCTION refuse_shrinking');
  }
}
