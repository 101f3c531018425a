import { getRepositoryToken } from '@nestjs/typeorm';
import fc from 'fast-check';
import type { Repository } from 'typeorm';
import { TaskStep } from '../../src/tasks/task-step.entity.js';
import { startApp, type TestApp } from '../support/app.js';
import { engines } from '../support/databases.js';
import { DUMP, dumps } from '../support/dumps.js';
import { problemIn } from '../support/problem-details.js';
import { clearTasks } from '../support/rows.js';

interface Report {
  lists: object;
  tasks: object;
  steps: object;
  orphans: { list: string; tasks: number; steps: number };
  overwritten: number;
  faulty: number;
  faults: { store: string; index: number | null; id: string | null; problem: string }[];
}

const counts = (added: number, changed: number, unchanged: number) => ({ new: added, changed, unchanged });

describe.each(engines)('an import of tasks on %s', (engine) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp(engine);
  });
  afterAll(() => test.close());
  beforeEach(() => clearTasks(test));

  const send = (payload: string | Buffer, query = '') =>
    test.app.inject({
      method: 'POST',
      url: `/tasks/import${query}`,
      payload,
      headers: { 'content-type': 'application/json' },
    });
  const bring = async (dump: unknown, query = ''): Promise<Report> => {
    const response = await send(JSON.stringify(dump), query);
    expect(response.statusCode).toBe(200);
    return response.json();
  };
  const dump = async () => (await test.app.inject('/tasks/export?format=json')).json<unknown>();
  const tasks = async (query = '') => (await test.app.inject(`/tasks${query}`)).json<{ name: string }[]>();
  const put = (id: number, name: string, done: boolean) =>
    test.app.inject({ method: 'PUT', url: `/tasks/${id}`, payload: { name, done } });

  it('keeps all of it, and gives it back equal', async () => {
    expect(await bring(DUMP)).toEqual({
      dry_run: false,
      lists: counts(2, 0, 0),
      tasks: counts(2, 0, 0),
      steps: counts(2, 0, 0),
      orphans: { list: 'Without a list', tasks: 0, steps: 0 },
      overwritten: 0,
      faulty: 0,
      faults: [],
      unreadable: 0,
      unreadable_values: [],
      unused: 3,
      unused_members: [
        { store: 'settings', member: null, count: 1 },
        { store: 'lists', member: 'is_owner', count: 1 },
        { store: 'tasks', member: 'importance', count: 1 },
      ],
    });
    expect(JSON.stringify(await dump())).toBe(JSON.stringify(DUMP));
  });

  it('leaves the three fields of a task as they are, and tells the rest to those who ask', async () => {
    await test.app.inject({ method: 'POST', url: '/tasks', payload: { name: 'Own', done: false } });
    await bring(DUMP);
    const plain = '{"name":"Water the plants","done":false,"id":2}';
    expect((await test.app.inject('/tasks/2')).body).toBe(plain);
    expect((await test.app.inject('/tasks')).body).toBe(
      `[{"name":"Own","done":false,"id":1},${plain},{"name":"Read the mail","done":true,"id":3}]`,
    );

    const detailed = await test.app.inject('/tasks/2?include=details');
    expect(detailed.body.startsWith(`${plain.slice(0, -1)},`)).toBe(true);
    expect(detailed.json()).toEqual({
      name: 'Water the plants',
      done: false,
      id: 2,
      list: { id: 1, title: 'Garden' },
      position: '2020-01-02T00:00:00.0000000Z',
      note: '<p>Not the cactus</p>',
      created_at: { date_time: '2020-05-06T23:06:35.8690000', time_zone: 'UTC' },
      due_date: { date_time: '2020-05-31T22:00:00.0000000', time_zone: 'UTC' },
      completed_at: null,
      steps: [
        { title: 'Look for it', completed: false, position: '1', created_at: null },
        { title: 'Fill the can', completed: true, position: '2', created_at: null },
      ],
    });
    const all = await tasks('?include=details');
    expect(all[1]).toEqual(detailed.json());
    expect(all[0]).toEqual({
      name: 'Own',
      done: false,
      id: 1,
      list: null,
      position: null,
      note: null,
      created_at: null,
      due_date: null,
      completed_at: null,
      steps: [],
    });
    expect((await test.app.inject('/tasks?include=all')).statusCode).toBe(422);
  });

  it('tells the tasks of other Daybooks from its own', async () => {
    const add = ({ app }: TestApp, name: string) =>
      app.inject({ method: 'POST', url: '/tasks', payload: { name, done: false } });
    const exported = async ({ app }: TestApp) =>
      (await app.inject('/tasks/export?format=json')).json<unknown>();
    const other = await startApp(engine);
    try {
      await add(other, 'Theirs');
      await add(test, 'Own');
      expect(await bring(await exported(other))).toMatchObject({ tasks: counts(1, 0, 0) });
    } finally {
      await other.close();
    }
    const before = await tasks('?include=details');
    expect(before.map(({ name }) => name)).toEqual(['Own', 'Theirs']);
    expect(await bring(await dump())).toMatchObject({ tasks: counts(0, 0, 2), faulty: 0 });
    expect(await tasks('?include=details')).toEqual(before);
  });

  it('changes nothing when its own export comes, and takes what was changed in it', async () => {
    for (const name of ['One', 'Two', 'Gone']) {
      await test.app.inject({ method: 'POST', url: '/tasks', payload: { name, done: false } });
    }
    const own = (await dump()) as {
      lists: object[];
      tasks: { id: string; title: string }[];
      steps: object[];
    };
    const before = await tasks('?include=details');
    const none = { orphans: { list: 'Without a list', tasks: 0, steps: 0 }, lists: counts(0, 0, 0) };
    expect(await bring(own)).toMatchObject({ tasks: counts(0, 0, 3), ...none });
    expect(await tasks('?include=details')).toEqual(before);
    expect(await dump()).toEqual(own);

    await test.app.inject({ method: 'DELETE', url: '/tasks/3' });
    own.tasks[0]!.title = 'First';
    own.steps.push({ id: 'S', task_id: own.tasks[1]!.id, title: 'Step' });
    expect(await bring(own)).toMatchObject({ tasks: counts(1, 1, 1), steps: counts(1, 0, 0) });
    expect(await tasks('?include=details')).toMatchObject([
      { id: 1, name: 'First' },
      { id: 2, name: 'Two', list: null, steps: [{ title: 'Step' }] },
      { id: 4, name: 'Gone' },
    ]);
    expect(await bring(await dump())).toMatchObject({ tasks: counts(0, 0, 3), steps: counts(0, 0, 1) });
  });

  it('changes nothing when it comes twice, nor what was done in Daybook since', async () => {
    await bring(DUMP);
    await put(1, 'Water them twice', true);
    const before = await tasks('?include=details');
    expect(await bring(DUMP)).toMatchObject({
      lists: counts(0, 0, 2),
      tasks: counts(0, 0, 2),
      steps: counts(0, 0, 2),
      overwritten: 0,
    });
    expect(await tasks('?include=details')).toEqual(before);
    expect(await dump()).toEqual({
      ...DUMP,
      tasks: [{ ...DUMP.tasks[0], title: 'Water them twice', completed: true }, DUMP.tasks[1]],
    });
  });

  it('follows a file that has changed, and says where Daybook had changed the same task', async () => {
    await bring(DUMP);
    await put(1, 'Water them twice', true);
    const changed = structuredClone(DUMP);
    changed.lists[1]!.title = 'Office';
    changed.tasks[0]!.note = '<p>And the cactus</p>';
    changed.tasks[1]!.list_id = 'AQMkADAwL1';
    changed.steps[0]!.task_id = 'AQMkADAwT2';
    changed.settings[0]!.value.dark = false;
    expect(await bring(changed)).toMatchObject({
      lists: counts(0, 1, 1),
      tasks: counts(0, 2, 0),
      steps: counts(0, 1, 1),
      overwritten: 1,
    });
    expect(await dump()).toEqual(changed);
    expect(await tasks()).toEqual([
      { name: 'Water the plants', done: false, id: 1 },
      { name: 'Read the mail', done: true, id: 2 },
    ]);
  });

  it('keeps orphans where they are seen, until what they belong to comes', async () => {
    const { lists, steps, tasks: both } = DUMP;
    expect(await bring({ tasks: [both[0]] })).toMatchObject({ orphans: { tasks: 1, steps: 0 } });
    expect(
      await bring({
        steps: [...steps, { id: 'S3', title: 'Lost' }, { id: 'S4', task_id: 'T9', title: 'Lost' }],
      }),
    ).toMatchObject({ steps: counts(4, 0, 0), orphans: { list: 'Without a list', tasks: 0, steps: 2 } });
    const list = { id: 1, title: 'Without a list' };
    expect(await tasks('?include=details')).toMatchObject([
      { name: 'Water the plants', list, steps: [{}, {}] },
      { name: 'Steps without a task', list, steps: [{ title: 'Lost' }] },
      { name: 'Steps of a missing task (T9)', list, steps: [{ title: 'Lost' }] },
    ]);
    expect(await dump()).toMatchObject({
      tasks: [both[0]],
      steps: [{ id: 'S1' }, { id: 'S2' }, { id: 'S3' }, { id: 'S4' }],
    });

    expect(
      await bring({ lists, tasks: [both[0], { id: 'T9', title: 'Found', list_id: lists[1]!.id }] }),
    ).toMatchObject({
      tasks: counts(1, 1, 0),
      orphans: { tasks: 0, steps: 0 },
      overwritten: 0,
    });
    expect(await tasks('?include=details')).toMatchObject([
      { id: 1, list: { title: 'Garden' } },
      { name: 'Steps without a task', list },
      { id: 3, name: 'Found', list: { title: 'Work' }, steps: [{ title: 'Lost' }] },
    ]);
  });

  it('leaves faulty records out and tells each', async () => {
    const deep = JSON.parse(`${'['.repeat(3_000)}${']'.repeat(3_000)}`) as unknown;
    const report = await bring({
      deep,
      lists: [{ id: 'L1', title: 'Garden' }, 'x'],
      tasks: [
        { id: 'T1', list_id: 'L1', title: 'Good' },
        { id: 'T1', title: 'Twice' },
        { id: 1, title: 'One' },
        { id: '1', title: 'One as text' },
        { title: 'No id' },
        { id: '', title: 'Empty id' },
        { id: 'T2' },
        { id: 'T3', title: 5 },
        { id: 'T4', title: 'a\0b' },
        { id: 'T5', title: '\ud800' },
        { id: 'T6', title: 'x', completed: 'yes' },
        { id: 'T7', title: 'x', due_date: { date_time: 'tomorrow' } },
        { id: 'T8', title: 'x', due_date: [] },
        { id: 'T9', title: 'x', position: {} },
        { id: 'x'.repeat(501), title: 'x' },
        { id: 'T10', title: 'x', deep },
        null,
      ],
      steps: [[]],
    });
    expect(report.tasks).toEqual(counts(6, 0, 0));
    expect(report.faulty).toBe(14);
    expect(
      report.faults.map(
        ({ store, index, id, problem }) => `${store} ${index} ${id?.slice(0, 5)}: ${problem}`,
      ),
    ).toEqual([
      'deep 0 undefined: is nested deeper than 100 levels',
      'lists 1 undefined: is no object',
      'tasks 1 T1: has the id of a record before it',
      'tasks 3 1: has the id of a record before it',
      'tasks 4 undefined: id is missing',
      'tasks 5 : id is missing',
      'tasks 6 T2: title is missing',
      'tasks 7 T3: title is no text',
      'tasks 8 T4: title has a NUL character in it',
      'tasks 9 T5: title has half of a surrogate pair in it',
      'tasks 14 xxxxx: id is longer than 500 characters',
      'tasks 15 T10: is nested deeper than 100 levels',
      'tasks 16 undefined: is no object',
      'steps 0 undefined: is no object',
    ]);
    expect((await tasks()).map(({ name }) => name)).toEqual(['Good', 'One', 'x', 'x', 'x', 'x']);
  });

  it('imports nothing where it is strict and a record is at fault', async () => {
    const body = JSON.stringify({ tasks: [{ id: 'T1', title: 'Good' }, { id: 'T2' }] });
    const response = await send(body, '?strict=true');
    expect(response.statusCode).toBe(422);
    expect(problemIn(response).errors).toEqual([
      { loc: ['body', 'tasks', 1], msg: 'title is missing (T2)', type: 'faulty_record' },
    ]);
    expect(await tasks()).toEqual([]);
  });

  it('says what it would do in a dry run, and does nothing', async () => {
    expect(await bring(DUMP, '?dry_run=true')).toMatchObject({ dry_run: true, tasks: counts(2, 0, 0) });
    expect(await tasks()).toEqual([]);
    expect(await dump()).toEqual({ lists: [], tasks: [], steps: [] });
    expect(await bring(DUMP)).toMatchObject({ dry_run: false, tasks: counts(2, 0, 0) });
  });

  it.each([
    ['nothing', '', 'Field required'],
    ['blanks', ' \n', 'It is empty.'],
    ['JSON that breaks off', '{"tasks":[{"id":"T1","title":"x"},{"id":"T2"', 'in line 1, character'],
    ['JSON that ends too early', '{"tasks":[', 'breaks off at its end.'],
    ['no JSON', '<html></html>', 'It is no JSON'],
    ['a list', '[{"tasks":[]}]', 'no object of object stores'],
    ['another object', '{"Tasks":[]}', 'none of the object stores lists, tasks and steps'],
    ['a store that is no list', '{"tasks":{"T1":{}}}', 'Its object store tasks is no list.'],
    ['UTF-16', Buffer.from('\ufeff{"tasks":[]}', 'utf16le'), 'It is text in UTF-16'],
    ['UTF-16 without a mark', Buffer.from('{"tasks":[]}', 'utf16le'), 'It is text in UTF-16'],
    ['Latin-1', Buffer.from('{"tasks":[{"id":"T1","title":"Grüße"}]}', 'latin1'), 'It is no text in UTF-8'],
    ['a zip', Buffer.from('504b0304140000000800', 'hex'), 'It is a zip file'],
    ['gzip', Buffer.from('1f8b0800000000000003', 'hex'), 'It is compressed with gzip'],
    ['a stack of lists', '['.repeat(1_000_000), 'nested deeper than 10000 levels'],
  ])('refuses %s as a whole', async (_what, body, message) => {
    const response = await send(body);
    expect(response.statusCode).toBe(422);
    const [fault] = problemIn(response).errors!;
    expect(fault).toMatchObject({ loc: ['body'], msg: expect.stringContaining(message) });
    expect(response.body).not.toContain('T2');
    expect(await tasks()).toEqual([]);
  });

  it('takes a byte order mark, and members that objects have anyway', async () => {
    const body = `\ufeff{"__proto__":[1],"tasks":[{"__proto__":{"title":"no"},"constructor":1,"id":"T1","title":"yes"}]}`;
    expect((await send(body)).statusCode).toBe(200);
    expect((await test.app.inject('/tasks/export?format=json')).body).toBe(body.slice(1));
    expect(await tasks()).toMatchObject([{ name: 'yes' }]);
    expect((await send('{"tasks":[{"__proto__":{"id":"T2","title":"x"}}]}')).json()).toMatchObject({
      faulty: 1,
    });
    expect({}).not.toHaveProperty('title');
  });

  it('is refused from the page of another site', async () => {
    const response = await test.app.inject({
      method: 'POST',
      url: '/tasks/import',
      payload: '{"tasks":[]}',
      headers: { 'content-type': 'text/plain', origin: 'https://evil.example' },
    });
    expect(response.statusCode).toBe(415);
  });

  it('has a limit of its own', async () => {
    const small = await startApp(engine, {
      settings: { TASKS_IMPORT_MAX_BYTES: '2048', MAX_BODY_BYTES: '1024' },
    });
    const sized = (size: number) => {
      const body = JSON.stringify({ tasks: [] });
      return small.app.inject({
        method: 'POST',
        url: '/tasks/import',
        payload: body + ' '.repeat(size - body.length),
      });
    };
    expect((await sized(2_048)).statusCode).toBe(200);
    expect((await sized(2_049)).statusCode).toBe(413);
    await small.close();
  });

  it('is the same when two send the same at once', async () => {
    await bring({ tasks: [{ id: 'T0', title: 'There' }] });
    // Another import at once, so that one of them waits for the other or begins anew.
    const many = Array.from({ length: 700 }, (_, n) => ({ id: `M${n}`, title: `Task ${n}` }));
    const reports = await Promise.all([bring({ tasks: many }), bring({ tasks: many })]);
    expect(reports.map((report) => report.tasks)).toEqual(
      expect.arrayContaining([counts(700, 0, 0), counts(0, 0, 700)]),
    );
    expect(await tasks()).toHaveLength(701);
  });

  it('keeps nothing when the last statement fails', async () => {
    const steps = test.app.get<Repository<TaskStep>>(getRepositoryToken(TaskStep));
    const failure = vi.spyOn(steps, 'insert').mockRejectedValueOnce(new Error('The disk is full'));
    expect((await send(JSON.stringify(DUMP))).statusCode).toBe(500);
    failure.mockRestore();
    expect(await tasks()).toEqual([]);
    expect(await dump()).toEqual({ lists: [], tasks: [], steps: [] });
    expect(await bring(DUMP)).toMatchObject({ tasks: counts(2, 0, 0), steps: counts(2, 0, 0) });
  });

  it('gives back any dump as it came', async () => {
    const property = fc.asyncProperty(dumps, async (any) => {
      await clearTasks(test);
      expect((await bring(any)).faults).toEqual([]);
      expect(JSON.stringify(await dump())).toBe(JSON.stringify(any));
      expect(await bring(any)).toMatchObject({
        lists: { new: 0, changed: 0 },
        tasks: { new: 0, changed: 0 },
        steps: { new: 0, changed: 0 },
      });
    });
    await fc.assert(property, { numRuns: 40 });
  });
});
