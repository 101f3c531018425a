import { getRepositoryToken } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { JsonLists } from '../../src/database/index.js';
import { LogDto } from '../../src/logs/dto/log.dto.js';
import { LogEntry } from '../../src/logs/log-entry.entity.js';
import { Task } from '../../src/tasks/task.entity.js';
import { startApp, type TestApp } from '../support/app.js';
import { engines } from '../support/databases.js';
import { insertRows } from '../support/rows.js';

const timestamp = '2026-11-22T15:00:00.123Z';

describe.each(engines)('large lists on %s', (engine) => {
  let test: TestApp;
  beforeAll(async () => {
    // What is looked at is how much, and not how long it takes a machine that is busy.
    test = await startApp(engine, { settings: { WRITE_LIMIT_MS: '60000' } });
    const small = Array.from({ length: 2_500 }, (_, n) => ({ message: `small ${n}`, timestamp }));
    const large = Array.from({ length: 9 }, (_, n) => ({ message: String(n).repeat(600_000), timestamp }));
    await insertRows(test, LogEntry, [...small, ...large, ...small]);
  });
  afterAll(() => test.close());

  it('come in parts of 1,000 rows and 1 MiB at most, or one row', async () => {
    const logs = test.app.get<Repository<LogEntry>>(getRepositoryToken(LogEntry));
    const lists = new JsonLists(logs, LogDto.members);
    const parts: LogDto[][] = [];
    for await (const json of lists.all()) {
      const rows = JSON.parse(json) as LogDto[];
      expect(rows.length).toBeLessThanOrEqual(1_000);
      const bytes = rows.reduce((sum, { message }) => sum + message.length + timestamp.length, 0);
      expect(rows.length === 1 || bytes <= 1_048_576).toBe(true);
      parts.push(rows);
    }
    expect(parts.flat().map(({ id }) => id)).toEqual(Array.from({ length: 5_009 }, (_, n) => n + 1));
  });

  it('are changed by one call, however many rows there are', async () => {
    const rows = 150_000;
    const tasks = test.app.get<Repository<Task>>(getRepositoryToken(Task));
    await insertRows(
      test,
      Task,
      Array.from({ length: rows }, (_, n) => ({ name: `task ${n}`, done: false })),
    );
    const { affected } = await tasks.update({ done: false }, { done: true });
    expect(affected).toBe(rows);
  });

  it('are whole when they are answered', async () => {
    const answer = await test.app.inject('/logs');
    expect(answer.statusCode).toBe(200);
    const { logs } = answer.json<{ logs: LogDto[] }>();
    expect(logs).toHaveLength(5_009);
    expect(logs[2_504]).toEqual({ id: 2_505, message: '4'.repeat(600_000), timestamp });
  });
});
