import { Task } from '../../src/tasks/task.entity.js';
import { startApp, type TestApp } from '../support/app.js';
import { engines } from '../support/databases.js';
import { faultyPlaces, problemIn } from '../support/problem-details.js';
import { insertRows } from '../support/rows.js';

interface TaskBody {
  name: string;
  done: boolean;
  id: number;
}

describe.each(engines)('tasks on %s', (engine) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp(engine);
  });
  afterAll(() => test.close());

  const post = (payload: object) => test.app.inject({ method: 'POST', url: '/tasks', payload });
  const put = (id: number | string, payload: object) =>
    test.app.inject({ method: 'PUT', url: `/tasks/${id}`, payload });
  const remove = (id: number | string) => test.app.inject({ method: 'DELETE', url: `/tasks/${id}` });
  const get = (id: number | string) => test.app.inject(`/tasks/${id}`);
  const list = async () => (await test.app.inject('/tasks/')).json<TaskBody[]>();
  const add = async (name = 'Water the plants', done = false) =>
    (await post({ name, done })).json<TaskBody>().id;

  it('answers an empty list at first', async () => {
    const listed = await test.app.inject('/tasks/');
    expect(listed.statusCode).toBe(200);
    expect(listed.headers['content-type']).toBe('application/json');
    expect(listed.body).toBe('[]');
  });

  it('adds a task and gives it back', async () => {
    const created = await post({ name: 'Water the plants', done: false });
    expect(created.statusCode).toBe(200);
    expect(created.headers['content-type']).toBe('application/json');
    expect(created.body).toBe('{"name":"Water the plants","done":false,"id":1}');

    const read = await get(1);
    expect(read.statusCode).toBe(200);
    expect(read.headers['content-type']).toBe('application/json');
    expect(read.body).toBe(created.body);
    expect((await test.app.inject('/tasks/')).body).toBe(`[${created.body}]`);
  });

  it.each([
    '',
    ' ',
    '"\\\'',
    "'); DROP TABLE tasks; --",
    'Grüße 日本語 😀',
    '\u0001\u2028',
    'x'.repeat(100_000),
  ])('keeps the name %j unchanged', async (name) => {
    const { id } = (await post({ name, done: true })).json<TaskBody>();
    expect((await get(id)).json()).toEqual({ name, done: true, id });
  });

  it.each([
    [{}, ['body.name', 'body.done']],
    [{ name: 'x' }, ['body.done']],
    [{ done: true }, ['body.name']],
    [{ name: null, done: null }, ['body.name', 'body.done']],
    [{ name: 1, done: 'maybe' }, ['body.name', 'body.done']],
    [{ Name: 'x', DONE: true }, ['body.name', 'body.done']],
  ])('refuses %j, new or in the place of another', async (body, places) => {
    const id = await add();
    const before = await list();
    expect(faultyPlaces(await post(body))).toEqual(places);
    expect(faultyPlaces(await put(id, body))).toEqual(places);
    expect(await list()).toEqual(before);
  });

  it('ignores an id in a body', async () => {
    const id = await add();
    const created = await post({ id: 5_000, name: 'New', done: false });
    expect(created.json()).toEqual({ name: 'New', done: false, id: id + 1 });
    expect((await put(id, { id: 5_000, name: 'Other', done: true })).json()).toEqual({
      name: 'Other',
      done: true,
      id,
    });
    expect((await get(id)).json()).toEqual({ name: 'Other', done: true, id });
    expect((await get(5_000)).statusCode).toBe(404);
  });

  it('replaces a task', async () => {
    const id = await add('Before', false);
    const replaced = await put(id, { name: 'After', done: true });
    expect(replaced.statusCode).toBe(200);
    expect(replaced.body).toBe(`{"name":"After","done":true,"id":${id}}`);
    expect((await get(id)).body).toBe(replaced.body);
  });

  it('replaces a task by the same', async () => {
    const id = await add('Same', true);
    expect((await put(id, { name: 'Same', done: true })).statusCode).toBe(200);
    expect((await get(id)).json()).toEqual({ name: 'Same', done: true, id });
  });

  it('deletes a task and answers 1', async () => {
    const [kept, id] = [await add('Kept'), await add('Deleted')];
    const deleted = await remove(id);
    expect(deleted.statusCode).toBe(200);
    expect(deleted.headers['content-type']).toBe('application/json');
    expect(deleted.body).toBe('1');

    expect((await get(id)).statusCode).toBe(404);
    expect((await remove(id)).statusCode).toBe(404);
    expect((await get(kept)).json<TaskBody>().name).toBe('Kept');
    expect((await list()).map((task) => task.id)).not.toContain(id);
  });

  it('never gives the id of a deleted task again', async () => {
    const id = await add();
    await remove(id);
    expect(await add()).toBe(id + 1);
  });

  it('lists by id, also after a change', async () => {
    const [first, second, third] = [await add(), await add(), await add()];
    await put(second, { name: 'Changed', done: true });
    await put(first, { name: 'Changed', done: true });
    const ids = (await list()).map(({ id }) => id);
    expect(ids.slice(-3)).toEqual([first, second, third]);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  });

  it.each([
    '999999999',
    '0',
    '-1',
    '-0',
    'abc',
    '1e0',
    '1.0',
    '1.5',
    '0x1',
    '0b1',
    '1_0',
    '１',
    '2147483648',
    '-2147483649',
    '9007199254740993',
    '9'.repeat(400),
    '%00',
    '%20',
    '1%00',
    '1%2F',
    'a%2Fb',
    '%F0%9F%98%80',
    'null',
    'true',
    'NaN',
    'Infinity',
    '__proto__',
    "1'%20OR%20'1'='1",
    'x'.repeat(2_000),
  ])('finds no task %s', async (id) => {
    const before = await list();
    const answers = [await get(id), await remove(id), await put(id, { name: 'x', done: true })];
    for (const answer of answers) {
      expect(answer.statusCode).toBe(404);
      expect(problemIn(answer)).toMatchObject({
        type: 'urn:daybook:problem:task-not-found',
        detail: 'Task not found',
      });
    }
    expect(await list()).toEqual(before);
  });

  it.each(['999999999', 'abc', '1e0', '9'.repeat(30)])(
    'tells what is wrong with a body before that there is no task %s',
    async (id) => {
      expect(faultyPlaces(await put(id, { name: 1 }))).toEqual(['body.name', 'body.done']);
    },
  );

  it('serves 60 readers and 60 writers at once', async () => {
    const before = (await list()).length;
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, n) => [
        test.app.inject('/tasks'),
        post({ name: `at once ${n}`, done: n % 2 === 0 }),
      ]).flat(),
    );
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 200));
    expect((await list()).length).toBe(before + 60);
  });
});

describe.each(engines)('many tasks on %s', (engine) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp(engine);
  });
  afterAll(() => test.close());

  it('lists all of them by id, whatever the query says', async () => {
    const rows = Array.from({ length: 2_001 }, (_, n) => ({ name: `task ${n + 1}`, done: n % 2 === 0 }));
    await insertRows(test, Task, rows);
    const tasks = (await test.app.inject('/tasks/?limit=1&skip=5&take=x')).json<TaskBody[]>();
    expect(tasks).toEqual(rows.map(({ name }, n) => ({ name, done: n % 2 === 0, id: n + 1 })));
  });
});
