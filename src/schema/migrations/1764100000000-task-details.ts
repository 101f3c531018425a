import { type MigrationInterface, type QueryRunner, Table, type TableColumnOptions } from 'typeorm';

const id: TableColumnOptions = {
  name: 'id',
  type: 'integer',
  isPrimary: true,
  isGenerated: true,
  generationStrategy: 'increment',
};

const text = (name: string): TableColumnOptions => ({ name, type: 'text', isNullable: true });

/** What an import knows of tasks beside their name and state: in tables of their own, as most tasks have none of it. */
export class TaskDetails1764100000000 implements MigrationInterface {
  name = 'TaskDetails1764100000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.createTable(
      new Table({
        name: 'task_lists',
        columns: [
          id,
          { name: 'title', type: 'text' },
          text('position'),
          { ...text('external_id'), isUnique: true },
          text('source'),
        ],
      }),
    );
    await queryRunner.createTable(
      new Table({
        name: 'task_details',
        columns: [
          { name: 'task_id', type: 'integer', isPrimary: true },
          { name: 'list_id', type: 'integer' },
          text('position'),
          text('note'),
          text('created_at'),
          text('created_zone'),
          text('due_at'),
          text('due_zone'),
          text('completed_at'),
          text('completed_zone'),
          { name: 'external_id', type: 'text', isUnique: true },
          text('source'),
        ],
        indices: [{ columnNames: ['list_id'] }],
        foreignKeys: [
          {
            columnNames: ['task_id'],
            referencedTableName: 'tasks',
            referencedColumnNames: ['id'],
            onDelete: 'CASCADE',
          },
          {
            columnNames: ['list_id'],
            referencedTableName: 'task_lists',
            referencedColumnNames: ['id'],
            onDelete: 'CASCADE',
          },
        ],
      }),
    );
    await queryRunner.createTable(
      new Table({
        name: 'task_steps',
        columns: [
          id,
          { name: 'task_id', type: 'integer' },
          { name: 'title', type: 'text' },
          { name: 'completed', type: 'boolean' },
          text('position'),
          text('created_at'),
          text('created_zone'),
          { name: 'external_id', type: 'text', isUnique: true },
          { name: 'source', type: 'text' },
        ],
        indices: [{ columnNames: ['task_id'] }],
        foreignKeys: [
          {
            columnNames: ['task_id'],
            referencedTableName: 'tasks',
            referencedColumnNames: ['id'],
            onDelete: 'CASCADE',
          },
        ],
      }),
    );
    await queryRunner.createTable(
      new Table({
        name: 'task_stores',
        columns: [id, { name: 'name', type: 'text', isUnique: true }, text('content')],
      }),
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of ['task_stores', 'task_steps', 'task_details', 'task_lists']) {
      await queryRunner.dropTable(table);
    }
  }
}
