import { randomUUID } from 'node:crypto';
import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';

/** The id of this database, by which an import knows the tasks that were made here: src/tasks/task-origin.ts. */
export class TaskOrigin1764300000000 implements MigrationInterface {
  name = 'TaskOrigin1764300000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const uuid = { name: 'uuid', type: 'text', isPrimary: true };
    await queryRunner.createTable(new Table({ name: 'task_origin', columns: [uuid] }));
    await queryRunner.query(`INSERT INTO task_origin (uuid) VALUES ('${randomUUID()}')`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('task_origin');
  }
}
