import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateGrids1796000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE grids (
        grid_id text COLLATE "C" PRIMARY KEY,
        names jsonb NOT NULL,
        version integer NOT NULL
      );
      CREATE TABLE grid_cells (
        grid_id text COLLATE "C" NOT NULL REFERENCES grids,
        cell_id text COLLATE "C" NOT NULL,
        names jsonb NOT NULL,
        geometry jsonb NOT NULL,
        digest text NOT NULL,
        status text NOT NULL CHECK (status IN ('active', 'retired')),
        version integer NOT NULL,
        PRIMARY KEY (grid_id, cell_id)
      );`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE grid_cells, grids');
  }
}
