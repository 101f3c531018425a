import { type MigrationInterface, type QueryRunner, TableIndex } from 'typeorm';

/** Log entries are looked for, and thrown away, by their time. */
export class IndexLogTimes1764200000000 implements MigrationInterface {
  name = 'IndexLogTimes1764200000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.createIndex('logs', new TableIndex({ columnNames: ['timestamp'] }));
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const table = await queryRunner.getTable('logs');
    await queryRunner.dropIndices('logs', table!.indices);
  }
}
