import { type MigrationInterface, type QueryRunner, Table, type TableColumnOptions } from 'typeorm';

const id: TableColumnOptions = {
  name: 'id',
  type: 'integer',
  isPrimary: true,
  isGenerated: true,
  // AUTOINCREMENT on SQLite and a sequence on PostgreSQL: neither gives an id twice.
  generationStrategy: 'increment',
};

/** The first schema, the same on both engines. */
export class CreateTables1764000000000 implements MigrationInterface {
  name = 'CreateTables1764000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.createTable(
      new Table({
        name: 'logs',
        columns: [
          id,
          { name: 'message', type: 'text' },
          { name: 'timestamp', type: 'varchar', length: '24' },
        ],
      }),
    );
    await queryRunner.createTable(
      new Table({
        name: 'tasks',
        columns: [id, { name: 'name', type: 'text' }, { name: 'done', type: 'boolean' }],
      }),
    );
    await queryRunner.createTable(
      new Table({
        name: 'users',
        columns: [
          id,
          { name: 'email', type: 'text' },
          { name: 'email_key', type: 'text', isUnique: true },
          { name: 'password_hash', type: 'text' },
          { name: 'is_active', type: 'boolean' },
        ],
      }),
    );
    await queryRunner.createTable(
      new Table({
        name: 'items',
        columns: [
          id,
          { name: 'title', type: 'text' },
          { name: 'description', type: 'text', isNullable: true },
          { name: 'owner_id', type: 'integer' },
        ],
        indices: [{ columnNames: ['owner_id'] }],
        foreignKeys: [
          {
            columnNames: ['owner_id'],
            referencedTableName: 'users',
            referencedColumnNames: ['id'],
            onDelete: 'CASCADE',
          },
        ],
      }),
    );
    await queryRunner.createTable(
      new Table({
        name: 'notes',
        columns: [id, { name: 'text', type: 'text' }, { name: 'completed', type: 'boolean' }],
      }),
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of ['notes', 'items', 'users', 'tasks', 'logs']) await queryRunner.dropTable(table);
  }
}
