import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { importFile } from '../../src/transfer/import-file.js';
import { startApp, type TestApp } from '../support/app.js';
import { createDatabase, databaseConfig, engines } from '../support/databases.js';
import { EventStream } from '../support/event-stream.js';
import { exportedLines } from '../support/exports.js';
import { problemIn } from '../support/problem-details.js';
import { execute } from '../support/rows.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** The last id of PostgreSQL's `integer`, and the last one that JavaScript has as a number. */
const INTEGER_END = 2_147_483_647;
const END = Number.MAX_SAFE_INTEGER;

const TABLES = ['logs', 'notes', 'tasks', 'task_lists', 'task_steps', 'task_stores', 'users', 'items'];
const DUMP = {
  lists: [{ id: 'L', title: 'Garden' }],
  tasks: [{ id: 'T', list_id: 'L', title: 'Water' }],
  steps: [{ id: 'S', task_id: 'T', title: 'Fill the can' }],
};

/** What is looked at of an answer. */
type Body = object & { readonly id?: number };

const folder = temporaryFolder();

describe.each(engines)('ids on %s', (engine) => {
  let test: TestApp;
  beforeEach(async () => {
    test = await startApp(engine);
  });
  afterEach(() => test.close());

  /** Has every table go on behind this id. */
  const goOnBehind = (id: number) =>
    execute(
      test,
      ...TABLES.map((table) =>
        engine === 'postgres'
          ? `SELECT setval(pg_get_serial_sequence('${table}', 'id'), ${id})`
          : `INSERT INTO sqlite_sequence (name, seq) VALUES ('${table}', ${id})`,
      ),
    );
  const send = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, payload?: object) => {
    const response = await test.app.inject({ method, url, payload });
    return { status: response.statusCode, body: response.json<Body>() };
  };
  const logIds = async (query = '', { app } = test) =>
    (await app.inject(`/logs${query}`)).json<{ logs: { id: number }[] }>().logs.map(({ id }) => id);

  describe.each([INTEGER_END, END - 20])('behind %d', (last) => {
    beforeEach(() => goOnBehind(last));
    const first = last + 1;

    it('are given to log entries, which are listed and watched', async () => {
      await send('POST', '/log', { message: 'one' });
      await send('POST', '/logs', [{ message: 'two' }, { message: 'three' }]);
      expect(await logIds()).toEqual([first, first + 1, first + 2]);
      expect(await logIds(`?after=${first}&limit=1`)).toEqual([first + 1]);
      expect(await logIds(`?since=1h&q=THREE&after=${last}`)).toEqual([first + 2]);

      await test.app.listen({ host: '127.0.0.1', port: 0 });
      const url = `${await test.app.getUrl()}/logs/stream`;
      const streams = [
        await EventStream.open(`${url}?after=${first}`),
        await EventStream.open(url, { 'last-event-id': `${first}` }),
      ];
      const fresh = await EventStream.open(url);
      await Promise.all(streams.map((stream) => stream.until(2)));
      await send('POST', '/log', { message: 'four' });
      for (const stream of streams) {
        const events = await stream.until(3);
        expect(events.map(({ id }) => Number(id))).toEqual([first + 1, first + 2, first + 3]);
        expect(events.map(({ data }) => (JSON.parse(data) as Body).id)).toEqual([
          first + 1,
          first + 2,
          first + 3,
        ]);
        stream.close();
      }
      expect((await fresh.until(1)).map(({ id }) => Number(id))).toEqual([first + 3]);
      fresh.close();
    });

    it('are given to users, items, tasks and notes, which are found by them', async () => {
      const user = { email: 'a@example.com', password: 'correct horse' };
      expect((await send('POST', '/users', user)).body).toMatchObject({ id: first });
      const item = { title: 'Desk', description: null };
      const owned = { ...item, id: first, owner_id: first };
      expect((await send('POST', `/users/${first}/items`, item)).body).toEqual(owned);
      expect((await send('GET', `/users/${first}`)).body).toMatchObject({ id: first, items: [owned] });
      expect((await send('GET', '/items')).body).toEqual([owned]);

      const task = { name: 'Water', done: false };
      expect((await send('POST', '/tasks', task)).body).toMatchObject({ ...task, id: first });
      expect((await send('PUT', `/tasks/${first}`, { ...task, done: true })).status).toBe(200);
      expect((await send('GET', `/tasks/${first}`)).body).toEqual({ ...task, done: true, id: first });
      expect((await send('DELETE', `/tasks/${first}`)).status).toBe(200);
      expect((await send('GET', `/tasks/${first}`)).status).toBe(404);

      const note = { text: 'Buy milk', completed: false };
      expect((await send('POST', '/notes', note)).body).toMatchObject({ ...note, id: first });
      expect((await send('PUT', `/notes/${first}`, { ...note, completed: true })).status).toBe(200);
      expect((await send('GET', '/notes')).body).toEqual([{ ...note, completed: true, id: first }]);
    });

    it('are given to imported tasks, which are found again', async () => {
      expect((await send('POST', '/tasks/import', DUMP)).body).toMatchObject({ tasks: { new: 1 } });
      const { body } = await send('GET', `/tasks/${first}?include=details`);
      expect(body).toMatchObject({ id: first, list: { id: first }, steps: [{ title: 'Fill the can' }] });
      const { body: own } = await send('POST', '/tasks', { name: 'Weed', done: false });
      const exported = (await send('GET', '/tasks/export?format=json')).body;
      expect((await send('POST', '/tasks/import', exported)).body).toMatchObject({ tasks: { new: 0 } });
      expect((await send('GET', `/tasks/${own.id}`)).body).toMatchObject({ name: 'Weed', id: first + 1 });
    });

    it.each(engines)('go into an export and with it to %s', async (other) => {
      await send('POST', '/log', { message: 'one' });
      await send('POST', '/tasks/import', DUMP);
      await send('POST', '/users', { email: 'a@example.com', password: 'correct horse' });
      await send('POST', `/users/${first}/items`, { title: 'Desk', description: null });
      const lines = await exportedLines(test.databaseUrl);
      const file = join(folder(), `${engine}-${other}-${last}.ndjson`);
      await writeFile(file, `${lines.join('\n')}\n`);
      const database = await createDatabase(other);
      await importFile(databaseConfig(database.url), file);
      expect(await exportedLines(database.url)).toEqual(lines);
      const copy = await startApp(other, { database });
      await copy.app.inject({ method: 'POST', url: '/log', payload: { message: 'two' } });
      expect(await logIds('', copy)).toEqual([first, first + 1]);
      await copy.close();
      await database.drop();
    });
  });

  it('that no row can have are not found', async () => {
    for (const id of [INTEGER_END + 1, END, END + 1, 2 ** 63, 1e25].map((n) => BigInt(n))) {
      for (const path of ['users', 'tasks']) expect((await send('GET', `/${path}/${id}`)).status).toBe(404);
      expect((await send('POST', `/users/${id}/items`, { title: 'x', description: null })).status).toBe(404);
    }
    expect(await logIds(`?after=${END}`)).toEqual([]);
    expect((await test.app.inject(`/logs?after=${BigInt(END) + 1n}`)).statusCode).toBe(422);
  });

  it('end with a 503, and none is given that JavaScript cannot tell from another', async () => {
    await goOnBehind(END - 1);
    const task = { name: 'Water', done: false };
    expect((await send('POST', '/tasks', task)).body).toMatchObject({ id: END });
    expect((await send('POST', '/log', { message: 'last' })).status).toBe(200);
    for (let n = 0; n < 2; n += 1) {
      expect((await send('POST', '/tasks', task)).status).toBe(503);
      expect((await send('POST', '/logs', [{ message: 'more' }])).status).toBe(503);
      const response = await test.app.inject({ method: 'POST', url: '/log', payload: { message: 'more' } });
      expect(problemIn(response)).toMatchObject({ status: 503 });
    }
    expect((await send('GET', '/tasks')).body).toEqual([{ ...task, id: END }]);
    expect(await logIds()).toEqual([END]);
  });
});
