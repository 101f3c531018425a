import { Logger } from '@nestjs/common';
import { parse } from 'csv-parse/sync';
import { TasksExportService } from '../../src/tasks/export/tasks-export.service.js';
import { UnreadableRows } from '../../src/tasks/export/unreadable-rows.js';
import { startApp, type TestApp } from '../support/app.js';
import { engines } from '../support/databases.js';
import { DUMP } from '../support/dumps.js';
import { clearTasks, execute } from '../support/rows.js';

describe.each(engines)('an export of rows that cannot be read on %s', (engine) => {
  let test: TestApp;
  let warnings: string[];
  beforeAll(async () => {
    test = await startApp(engine);
  });
  afterAll(() => test.close());
  beforeEach(async () => {
    await clearTasks(test);
    warnings = [];
    vi.spyOn(Logger.prototype, 'warn').mockImplementation((message: unknown) => {
      warnings.push(String(message));
    });
    await bring(DUMP);
  });
  afterEach(() => vi.restoreAllMocks());

  const bring = async (payload: object) => {
    const response = await test.app.inject({ method: 'POST', url: '/tasks/import', payload });
    expect(response.statusCode).toBe(200);
    return response.json<Record<string, unknown>>();
  };
  const get = async (format: string) => {
    const response = await test.app.inject(`/tasks/export?format=${format}`);
    expect(response.statusCode).toBe(200);
    return response;
  };
  const dump = async () => (await get('json')).json<typeof DUMP>();

  it('has the record of a number that an older Daybook could not keep, with the id that it has here', async () => {
    const source = JSON.stringify({ ...DUMP.tasks[1], id: null });
    await execute(
      test,
      `UPDATE task_details SET external_id = 'Infinity', source = '${source}' WHERE task_id = 2`,
    );
    const healed = { ...DUMP, tasks: [DUMP.tasks[0], { ...DUMP.tasks[1], id: 'Infinity' }] };
    expect(await dump()).toEqual(healed);
    expect(warnings).toEqual([
      expect.stringContaining('has 1 rows only as far as they can be read: task 2: '),
    ]);
    expect(await bring(healed)).toMatchObject({
      tasks: { changed: 1, unchanged: 1 },
      overwritten: 0,
      faulty: 0,
    });
    expect(await dump()).toEqual(healed);
    expect(warnings).toHaveLength(1);
  });

  it.each([
    ['no JSON', 'no JSON'],
    ['empty', ''],
    ['lists', '[]'],
    ['null', 'null'],
    ['broken off', '{"id":"AQMkADAwL1"'],
    ['of a strange id', '{"id":{"toString":1}}'],
    ['nested', '['.repeat(100_000)],
  ])('has what it knows of records that are %s', async (_, source) => {
    await execute(
      test,
      `UPDATE task_lists SET source = '${source}'`,
      `UPDATE task_details SET source = '${source}'`,
      `UPDATE task_steps SET source = '${source}'`,
      `UPDATE task_stores SET content = '${source === 'null' ? '' : source}' WHERE name = 'sync_state'`,
    );
    const time = (date_time: string, time_zone: string) => ({ date_time, time_zone });
    const known = {
      lists: [
        { title: 'Garden', position: DUMP.lists[0]!.position, id: 'AQMkADAwL1' },
        { title: 'Work', position: null, id: 'AQMkADAwL2' },
      ],
      tasks: [
        {
          list_id: 'AQMkADAwL1',
          title: 'Water the plants',
          completed: false,
          position: '2020-01-02T00:00:00.0000000Z',
          note: '<p>Not the cactus</p>',
          created_at: time('2020-05-06T23:06:35.8690000', 'UTC'),
          due_date: time('2020-05-31T22:00:00.0000000', 'UTC'),
          completed_at: null,
          id: 'AQMkADAwT1',
        },
        {
          list_id: 'AQMkADAwL2',
          title: 'Read the mail',
          completed: true,
          position: '17',
          note: null,
          created_at: time('2020-05-06', 'W. Europe Standard Time'),
          due_date: null,
          completed_at: time('2020-05-07T01:00:00', 'W. Europe Standard Time'),
          id: 'AQMkADAwT2',
        },
      ],
      steps: [
        {
          task_id: 'AQMkADAwT1',
          title: 'Fill the can',
          completed: true,
          position: '2',
          created_at: null,
          id: 'S1',
        },
        {
          task_id: 'AQMkADAwT1',
          title: 'Look for it',
          completed: false,
          position: '1',
          created_at: null,
          id: 'S2',
        },
      ],
    };
    const found = await dump();
    // Of an object only the id is another.
    if (!source.endsWith('}')) expect(found).toMatchObject(known);
    expect(warnings).toHaveLength(1);
    for (const row of ['list 1', 'list 2', 'task 1', 'task 2', 'step 1', 'step 2']) {
      expect(warnings[0]).toContain(`${row}: the record that came`);
    }
    expect(parse((await get('csv')).body)).toHaveLength(5);
    if (source.endsWith('}')) return;
    // Imported, it is as it was.
    expect(await bring(found)).toMatchObject({ faulty: 0, unreadable: 0 });
    expect(await dump()).toMatchObject(known);
  });

  it('has another object store as null where it is no JSON, and takes what a dump has of it', async () => {
    await execute(test, `UPDATE task_stores SET content = '[{"broken' WHERE name = 'settings'`);
    expect(await dump()).toEqual({ ...DUMP, settings: null });
    expect(warnings).toEqual([expect.stringContaining('object store settings: ')]);
    await bring({ tasks: [], settings: DUMP.settings });
    expect(await dump()).toEqual(DUMP);
  });

  it('leaves out what is no time', async () => {
    await execute(test, `UPDATE task_details SET due_at = 'some day' WHERE task_id = 1`);
    const [, ...rows] = parse((await get('csv')).body);
    expect(rows).toHaveLength(4);
    expect(rows[0]).toEqual(expect.arrayContaining(['Water the plants', 'Not the cactus']));
    expect(rows[0]).not.toContain('some day');
    const told = 'task 1: due_date is no time: "some day"';
    expect(warnings).toEqual([expect.stringContaining(told)]);

    await get('asana');
    expect(warnings).toEqual(Array.from({ length: 2 }, () => expect.stringContaining(told)));
    const options = { time_zone: 'UTC', safe_cells: true };
    const { files, report } = test.app.get(TasksExportService).asana(options, new UnreadableRows());
    const texts: string[] = [];
    for await (const { text } of files) texts.push(text);
    expect(texts[0]).toContain('Water the plants,To do,,Not the cactus,05/06/2020,,\r\n');
    expect(report.unreadable).toEqual([told]);
  });

  // PostgreSQL has nothing else in such a column.
  it.each(engine === 'sqlite' ? ['bytes'] : [])('leaves out %s where text must be', async () => {
    await execute(
      test,
      `UPDATE tasks SET name = x'ff00' WHERE id = 1`,
      `UPDATE task_details SET note = x'ff00', due_at = x'ff00', position = x'ff00'`,
      `UPDATE task_lists SET title = x'ff00' WHERE id = 1`,
      `UPDATE task_steps SET title = x'ff00', created_at = x'ff00' WHERE id = 1`,
    );
    const [, ...rows] = parse((await get('csv')).body);
    expect(rows.map(([id, list, name]) => [id, list, name])).toEqual([
      ['1', '', ''],
      ['', '', 'Look for it'],
      ['', '', ''],
      ['2', 'Work', 'Read the mail'],
    ]);
    await get('asana');
    expect(await dump()).toEqual(DUMP);
    expect(warnings).toHaveLength(3);
  });
});
