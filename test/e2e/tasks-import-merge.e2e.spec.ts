import { DataSource } from 'typeorm';
import { vi } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { engines } from '../support/databases.js';
import { faultyPlaces } from '../support/problem-details.js';
import { clearTasks } from '../support/rows.js';

describe.each(engines)('what an import does not replace, and what it tells, on %s', (engine) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp(engine);
  });
  afterAll(() => test.close());
  beforeEach(() => clearTasks(test));

  const send = (payload: string | object, query = '') =>
    test.app.inject({
      method: 'POST',
      url: `/tasks/import${query}`,
      payload,
      headers: { 'content-type': 'application/json' },
    });
  const bring = async (payload: string | object, query = '') => {
    const response = await send(payload, query);
    expect(response.statusCode).toBe(200);
    return response.json<Record<string, unknown>>();
  };
  const exported = async () => (await test.app.inject('/tasks/export?format=json')).body;
  const tasks = async () =>
    (await test.app.inject('/tasks?include=details')).json<Record<string, unknown>[]>();

  const FIRST = {
    groups: [
      { id: 'G1', title: 'Home', open: true },
      { id: 2, title: 'Work' },
    ],
    settings: [
      { key: 'theme', value: 'dark' },
      { key: 'sound', value: false },
    ],
    log: ['begun', 'synced', 'synced'],
    state: { token: 'a', size: 1 },
    version: 1,
    nothing: null,
    lists: [],
    tasks: [],
    steps: [],
  };
  const SECOND = {
    tasks: [],
    groups: [
      { id: 'G3', title: 'Others' },
      { id: '2', title: 'Office' },
    ],
    settings: [{ key: 'theme', value: 'light' }],
    log: ['synced', 'ended', 'synced', 'synced'],
    state: JSON.parse('{"__proto__":1,"token":"b","more":true}') as unknown,
    version: 2,
    nothing: [1],
    another: [{ id: 'A' }],
  };
  const BOTH =
    '{"groups":[{"id":"G1","title":"Home","open":true},{"id":"2","title":"Office"},{"id":"G3","title":"Others"}],' +
    '"settings":[{"key":"theme","value":"light"},{"key":"sound","value":false}],' +
    '"log":["begun","synced","synced","ended","synced"],' +
    '"state":{"token":"b","size":1,"__proto__":1,"more":true},' +
    '"version":2,"nothing":[1],"lists":[],"tasks":[],"steps":[],"another":[{"id":"A"}]}';

  it('keeps the records of every dump in other object stores', async () => {
    await bring(FIRST);
    expect(await exported()).toBe(JSON.stringify(FIRST));
    for (const again of [SECOND, SECOND, JSON.parse(BOTH) as object]) {
      expect(await bring(again)).toMatchObject({ faulty: 0 });
      expect(await exported()).toBe(BOTH);
    }
    await bring({ groups: null, settings: [], state: {}, version: null, tasks: [] });
    expect(await exported()).toBe(BOTH);
  });

  it('merges before the transaction, and again where another import comes between', async () => {
    const dataSource = test.app.get(DataSource);
    const [first, second, between] = ['G1', 'G2', 'G3'].map((id) => ({ tasks: [], groups: [{ id }] }));
    const kept = JSON.stringify(first!.groups);
    await bring(first!);
    let isInTransaction = false;
    const parsed: boolean[] = [];
    const parse = JSON.parse;
    const spy = vi.spyOn(JSON, 'parse').mockImplementation((text: string, ...rest) => {
      if (text === kept) parsed.push(isInTransaction);
      return parse(text, ...rest) as unknown;
    });
    const transaction = vi.spyOn(dataSource, 'transaction').mockImplementationOnce(async (work: unknown) => {
      isInTransaction = true;
      return dataSource.transaction(work as () => Promise<unknown>);
    });
    try {
      await bring(second!, '?dry_run=true');
      expect(parsed).toEqual([false]);
      transaction.mockImplementationOnce(async (work: unknown) => {
        await bring(between!);
        return dataSource.transaction(work as () => Promise<unknown>);
      });
      await bring(second!);
    } finally {
      spy.mockRestore();
      transaction.mockRestore();
    }
    expect(JSON.parse(await exported())).toMatchObject({
      groups: [{ id: 'G1' }, { id: 'G3' }, { id: 'G2' }],
    });
  });

  it('keeps records that are alike as often as one dump has them', async () => {
    const log = [{ id: 1, at: 'a' }, { id: 1, at: 'b' }, [], [], { at: 'c' }];
    await bring({ tasks: [], log: log.slice(0, 3) });
    for (const given of [log, log, log.slice(2), [{ id: 1, at: 'a' }]]) {
      await bring({ tasks: [], log: given });
      expect(JSON.parse(await exported())).toMatchObject({ log });
    }
  });

  it('leaves out what cannot be kept beside what is there, and says so', async () => {
    await bring(FIRST);
    const other = { tasks: [{ id: 'T', title: 'Task' }], groups: { G: 1 }, state: [1], log: 'ended' };
    const problem = 'is something else than what is kept of it, which stays';
    const faults = ['groups', 'state', 'log'].map((store) => ({ store, index: null, id: null, problem }));
    expect(faultyPlaces(await send(other, '?strict=true'))).toEqual([
      'body.groups',
      'body.state',
      'body.log',
    ]);
    expect(await tasks()).toEqual([]);
    expect(await bring(other)).toMatchObject({
      tasks: { new: 1 },
      faulty: 3,
      faults,
      unused: 0,
      unused_members: [],
    });
    expect(JSON.parse(await exported())).toEqual({ ...FIRST, tasks: other.tasks });
  });

  it('keeps a record without what cannot be read of it, and tells each', async () => {
    const long = 'x'.repeat(200);
    const dump = {
      lists: [{ id: 'L', title: 'List', position: [] }],
      tasks: [
        { id: 'T0', list_id: 'L', title: 'Good', due_date: '2026-11-30' },
        {
          id: 'T1',
          list_id: 'L',
          title: 'Due',
          due_date: { date_time: 'tomorrow' },
          created_at: '2026-11-22',
        },
        { id: 'T2', list_id: 'L', title: 'Times', created_at: 20_261_122, completed_at: [] },
        { id: 'T3', list_id: {}, title: 'Others', position: {}, note: 5, completed: 'yes' },
        { id: 'T4', list_id: 'L', title: 'Long', due_date: long, note: 'a\0b' },
      ],
      steps: [{ id: 'S', task_id: 'T0', title: 'Step', created_at: { date_time: 5 }, completed: 1 }],
    };
    const values = [
      ['lists', 0, 'L', 'position', '[]', 'position is no text'],
      ['tasks', 1, 'T1', 'due_date', '{"date_time":"tomorrow"}', 'due_date is no ISO 8601 time'],
      ['tasks', 2, 'T2', 'created_at', '20261122', 'created_at is no time'],
      ['tasks', 2, 'T2', 'completed_at', '[]', 'completed_at is no time'],
      ['tasks', 3, 'T3', 'list_id', '{}', 'list_id is no text'],
      ['tasks', 3, 'T3', 'completed', '"yes"', 'completed is neither true nor false'],
      ['tasks', 3, 'T3', 'position', '{}', 'position is no text'],
      ['tasks', 3, 'T3', 'note', '5', 'note is no text'],
      ['tasks', 4, 'T4', 'due_date', `"${long.slice(0, 99)}…`, 'due_date is no ISO 8601 time'],
      ['tasks', 4, 'T4', 'note', '"a\\u0000b"', 'note has a NUL character in it'],
      ['steps', 0, 'S', 'created_at', '{"date_time":5}', 'date_time is no text'],
    ];
    expect(faultyPlaces(await send(dump, '?strict=true')).toSorted()).toEqual(
      values.map(([store, index, , member]) => `body.${store}.${index}.${member}`).toSorted(),
    );
    const report = await bring(dump);
    expect(report).toMatchObject({ tasks: { new: 5 }, steps: { new: 1 }, faulty: 0, unreadable: 11 });
    const told = report['unreadable_values'] as Record<string, unknown>[];
    expect(told.map(Object.values)).toEqual(expect.arrayContaining(values));
    expect(await tasks()).toMatchObject([
      { name: 'Good', steps: [{ title: 'Step', completed: true, created_at: null }] },
      { name: 'Due', due_date: null, created_at: { date_time: '2026-11-22' } },
      { name: 'Times', created_at: null, completed_at: null },
      { name: 'Others', done: false, list: { title: 'Without a list' }, position: null, note: null },
      { name: 'Long', due_date: null, note: null },
    ]);
    expect(await exported()).toBe(JSON.stringify(dump));
    expect(await bring(dump)).toMatchObject({ tasks: { unchanged: 5 }, unreadable: 11 });
  });

  it('tells by name and count what it makes nothing of', async () => {
    const dump = {
      settings: [{ key: 'theme' }, { key: 'sound' }],
      state: { token: 'a' },
      version: 1,
      nothing: null,
      lists: [
        { id: 'L1', title: 'List', tasks: [{ id: 'T9', title: 'Nested' }], is_owner: true },
        { id: 'L2', title: 'List', tasks: [] },
      ],
      tasks: [
        {
          id: 'T1',
          title: 'Graph',
          status: 'completed',
          dueDateTime: { dateTime: '2026-11-30T00:00:00.0000000', timeZone: 'UTC' },
          body: { content: 'Note', contentType: 'text' },
          checklistItems: [{ id: 'C', displayName: 'Step', isChecked: true }],
          completedDateTime: null,
        },
        { id: 'T2', title: 'Half', due_date: { dateTime: '2026-11-30', timeZone: 'UTC', time_zone: null } },
        { id: 'T2', title: 'Left out', unknown: 1 },
      ],
      steps: [{ id: 'S', task_id: 'T1', title: 'Step', __proto__: null, constructor: 1, isChecked: true }],
    };
    const unused = [
      ['settings', null, 2],
      ['state', null, 1],
      ['version', null, 1],
      ['lists', 'tasks', 2],
      ['lists', 'is_owner', 1],
      ['tasks', 'status', 1],
      ['tasks', 'dueDateTime', 1],
      ['tasks', 'body', 1],
      ['tasks', 'checklistItems', 1],
      ['tasks', 'due_date.dateTime', 1],
      ['tasks', 'due_date.timeZone', 1],
      ['steps', 'constructor', 1],
      ['steps', 'isChecked', 1],
    ];
    const report = await bring(dump);
    expect(report).toMatchObject({ faulty: 1, unreadable: 0, unused: 15 });
    const told = report['unused_members'] as Record<string, unknown>[];
    expect(told.map(Object.values)).toEqual(unused);
  });

  it('refuses a file that has an object store twice, of which JSON has only the second', async () => {
    const response = await send('{"tasks":[{"id":1,"title":"Lost"}],"tasks":[{"id":2,"title":"Kept"}]}');
    expect(response.statusCode).toBe(422);
    expect(response.body).toContain('It has two object stores of the same name: tasks.');
    expect(await tasks()).toEqual([]);
  });

  it('tells at most 100 names, and counts them all', async () => {
    const members = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`${n}${'x'.repeat(n)}`, n]));
    const report = await bring({ tasks: [{ id: 'T', title: 'Task', ...members }] });
    expect(report).toMatchObject({ unused: 500 });
    const told = report['unused_members'] as { member: string }[];
    expect(told).toHaveLength(100);
    expect(Math.max(...told.map(({ member }) => member.length))).toBeLessThanOrEqual(101);
  });

  it('refuses a number that is none in a database, wherever it is', async () => {
    const report = await bring(
      '{"tasks":[{"id":1e999,"title":"a"},{"id":-1e999,"title":"b"},{"id":9007199254740993,"title":"c"},' +
        '{"id":"d","title":"d","more":{"deep":[1e400]}},{"id":"e","title":"e","position":1e999},' +
        '{"id":9007199254740991,"title":"f"}],"groups":[{"id":"G1","size":1e400},{"id":"G2"}],"state":{"n":1e400}}',
    );
    const large = 'has a number that is too large: write it as text';
    expect(report).toMatchObject({
      tasks: { new: 1 },
      faulty: 7,
      faults: [
        { store: 'groups', index: 0, id: 'G1', problem: large },
        { store: 'state', index: null, problem: large },
        { store: 'tasks', index: 0, id: 'Infinity', problem: large },
        { store: 'tasks', index: 1, problem: large },
        { store: 'tasks', index: 2, problem: 'id has more digits than a number keeps: write it as text' },
        { store: 'tasks', index: 3, id: 'd', problem: large },
        { store: 'tasks', index: 4, id: 'e', problem: large },
      ],
    });
    expect(await exported()).toBe('{"tasks":[{"id":9007199254740991,"title":"f"}],"groups":[{"id":"G2"}]}');
  });
});
