import { DataSource } from 'typeorm';
import { Task } from '../tasks/task.entity.js';
import { Item } from '../users/item.entity.js';
import { User } from '../users/user.entity.js';
import { DatabaseChanges, type EntityClass } from './changes.js';
import { entities } from '../schema/entities.js';

class Changes extends DatabaseChanges {
  override catchUp = () => true;
  override close = async () => undefined;
}

describe('DatabaseChanges', () => {
  let dataSource: DataSource;
  let changes: Changes;
  let told: EntityClass[];
  beforeAll(async () => {
    dataSource = await new DataSource({
      type: 'better-sqlite3',
      database: ':memory:',
      entities,
    }).initialize();
  });
  afterAll(() => dataSource.destroy());
  beforeEach(() => {
    told = [];
    changes = new Changes(dataSource);
    changes.watch([Task, Item], (changed) => told.push(...changed));
  });

  it.each([
    ['INSERT INTO "tasks" ("name") VALUES (?)', [Task]],
    ['update tasks set done = 1', [Task]],
    ['WITH gone AS (DELETE FROM TASKS RETURNING *) SELECT * FROM gone', [Task]],
    ['TRUNCATE "items", "tasks"', [Item, Task]],
    ['/* SELECT */ DELETE FROM "tasks"', [Task]],
    // Its items go along.
    ['DELETE FROM "users" WHERE "id" = 1', [Item]],
    ['SELECT * FROM "tasks"', []],
    ['  select 1 from tasks', []],
    ['INSERT INTO "logs" ("message") VALUES (?)', []],
    ['INSERT INTO "tasks_of_old" DEFAULT VALUES', []],
    ['SAVEPOINT typeorm_1', []],
  ])('%s', (sql, expected) => {
    changes.tell(changes.tablesWrittenBy(sql));
    expect(told).toEqual(expected);
  });

  it('has nothing to tell where nobody watches', () => {
    expect(new Changes(dataSource).tablesWrittenBy('DELETE FROM "users"')).toEqual([]);
  });

  it('tells of each entity once', () => {
    changes.tell(['users', 'items', 'users', 'unknown']);
    expect(told).toEqual([Item]);
  });

  it('tells each who watches of what it watches', () => {
    const others: EntityClass[] = [];
    changes.watch([User], (changed) => others.push(...changed));
    changes.tell(['users']);
    expect(told).toEqual([Item]);
    expect(others).toEqual([User]);
  });
});
