import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';

/** When log entries were last deleted by their age: src/logs/retention/clock-trust.ts. */
export class LogSweeps1764500000000 implements MigrationInterface {
  name = 'LogSweeps1764500000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.createTable(
      new Table({
        name: 'log_sweeps',
        columns: [
          { name: 'id', type: 'integer', isPrimary: true },
          { name: 'swept_at', type: 'varchar', length: '24' },
          { name: 'suspect_since', type: 'varchar', length: '24', isNullable: true },
        ],
      }),
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('log_sweeps');
  }
}
