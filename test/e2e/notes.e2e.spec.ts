import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Note } from '../../src/notes/note.entity.js';
import { startApp, type TestApp } from '../support/app.js';
import { engines } from '../support/databases.js';
import { faultyPlaces, problemIn } from '../support/problem-details.js';
import { insertRows } from '../support/rows.js';

const curl = promisify(execFile);

interface NoteBody {
  id: number;
  text: string;
  completed: boolean;
}

describe.each(engines)('notes on %s', (engine) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp(engine);
  });
  afterAll(() => test.close());

  const post = (payload: object) => test.app.inject({ method: 'POST', url: '/notes', payload });
  const put = (id: number | string, payload: object) =>
    test.app.inject({ method: 'PUT', url: `/notes/${id}`, payload });
  const remove = (id: number | string) => test.app.inject({ method: 'DELETE', url: `/notes/${id}` });
  const get = (id: number | string) => test.app.inject(`/notes/${id}`);
  const all = async () => (await test.app.inject('/notes/all')).json<NoteBody[]>();
  const add = async (text = 'Buy milk', completed = false) =>
    (await post({ text, completed })).json<NoteBody>().id;

  it.each(['/notes', '/notes/all'])('answers an empty list to %s at first', async (url) => {
    const listed = await test.app.inject(url);
    expect(listed.statusCode).toBe(200);
    expect(listed.headers['content-type']).toBe('application/json');
    expect(listed.body).toBe('[]');
  });

  it('adds a note and gives it back', async () => {
    const created = await post({ text: 'Buy milk', completed: false });
    expect(created.statusCode).toBe(200);
    expect(created.headers['content-type']).toBe('application/json');
    expect(created.body).toBe('{"id":1,"text":"Buy milk","completed":false}');

    const read = await get(1);
    expect(read.statusCode).toBe(200);
    expect(read.headers['content-type']).toBe('application/json');
    expect(read.body).toBe(created.body);
    expect((await test.app.inject('/notes')).body).toBe(`[${created.body}]`);
    expect((await test.app.inject('/notes/all')).body).toBe(`[${created.body}]`);
  });

  it.each([
    ['nothing', ''],
    ['blanks', ' \n\t '],
    ['SQL', "'); DROP TABLE notes; --"],
    ['several scripts', 'Grüße 日本語 😀'],
    ['101 characters', 'x'.repeat(101)],
    ['10,000 characters', 'x'.repeat(10_000)],
    ['10,000 characters beyond the BMP', '😀'.repeat(10_000)],
  ])('keeps a text of %s unchanged', async (_what, text) => {
    const created = await post({ text, completed: true });
    expect(created.statusCode).toBe(200);
    const { id } = created.json<NoteBody>();
    expect((await get(id)).json()).toEqual({ id, text, completed: true });
  });

  it.each([
    ['10,001 characters', 'x'.repeat(10_001)],
    ['10,001 characters beyond the BMP', '😀'.repeat(10_001)],
    ['500,000 characters', 'x'.repeat(500_000)],
  ])('refuses a text of %s', async (_what, text) => {
    const id = await add();
    const before = await all();
    for (const answer of [await post({ text, completed: true }), await put(id, { text, completed: true })]) {
      expect(faultyPlaces(answer)).toEqual(['body.text']);
      expect(answer.body.length).toBeLessThan(1_000);
    }
    expect(await all()).toEqual(before);
  });

  it.each([
    [{}, ['body.text', 'body.completed']],
    [{ text: 'x' }, ['body.completed']],
    [{ completed: true }, ['body.text']],
    [{ text: null, completed: null }, ['body.text', 'body.completed']],
    [{ text: 1, completed: 'maybe' }, ['body.text', 'body.completed']],
    [{ text: ['x'], completed: [true] }, ['body.text', 'body.completed']],
  ])('refuses %j, new or in the place of another', async (body, places) => {
    const id = await add();
    const before = await all();
    expect(faultyPlaces(await post(body))).toEqual(places);
    expect(faultyPlaces(await put(id, body))).toEqual(places);
    expect(await all()).toEqual(before);
  });

  it('takes "false" for false', async () => {
    const { id, completed } = (await post({ text: 'Test', completed: 'false' })).json<NoteBody>();
    expect(completed).toBe(false);
    expect((await put(id, { text: 'Test', completed: 'TRUE' })).json<NoteBody>().completed).toBe(true);
    expect((await get(id)).json<NoteBody>().completed).toBe(true);
  });

  it('ignores an id in a body', async () => {
    const id = await add();
    expect((await post({ id: 5_000, text: 'New', completed: false })).json<NoteBody>().id).toBe(id + 1);
    expect((await put(id, { id: 5_000, text: 'Other', completed: true })).json()).toEqual({
      id,
      text: 'Other',
      completed: true,
    });
    expect((await get(id)).json()).toEqual({ id, text: 'Other', completed: true });
    expect((await get(5_000)).statusCode).toBe(404);
  });

  it('replaces a note', async () => {
    const id = await add('Before', false);
    const replaced = await put(id, { text: 'After', completed: true });
    expect(replaced.statusCode).toBe(200);
    expect(replaced.headers['content-type']).toBe('application/json');
    expect(replaced.body).toBe(`{"id":${id},"text":"After","completed":true}`);
    expect((await get(id)).body).toBe(replaced.body);
  });

  it('replaces a note by the same', async () => {
    const id = await add('Same', true);
    expect((await put(id, { text: 'Same', completed: true })).statusCode).toBe(200);
    expect((await get(id)).json()).toEqual({ id, text: 'Same', completed: true });
  });

  it('deletes a note and says so', async () => {
    const [kept, id] = [await add('Kept'), await add('Deleted')];
    const deleted = await remove(id);
    expect(deleted.statusCode).toBe(200);
    expect(deleted.headers['content-type']).toBe('application/json');
    expect(deleted.body).toBe(`{"message":"Note with id ${id} has been deleted."}`);

    expect((await get(id)).statusCode).toBe(404);
    expect((await remove(id)).statusCode).toBe(404);
    expect((await put(id, { text: 'x', completed: true })).statusCode).toBe(404);
    expect((await get(kept)).json<NoteBody>().text).toBe('Kept');
    expect((await all()).map((note) => note.id)).not.toContain(id);
  });

  it('never gives the id of a deleted note again', async () => {
    const id = await add();
    await remove(id);
    expect(await add()).toBe(id + 1);
  });

  it.each([
    ['999999999', '999999999'],
    ['0', '0'],
    ['-1', '-1'],
    ['+999999999', '999999999'],
    ['0999999999', '999999999'],
    ['%20999999999%20', '999999999'],
    ['2147483647', '2147483647'],
    ['2147483648', '2147483648'],
    ['-2147483649', '-2147483649'],
    ['9007199254740993', '9007199254740993'],
    ['99999999999999999999', '99999999999999999999'],
    ['-99999999999999999999', '-99999999999999999999'],
  ])('finds no note %s and names %s in X-Error', async (id, named) => {
    const before = await all();
    for (const answer of [await get(id), await remove(id), await put(id, { text: 'x', completed: true })]) {
      expect(answer.statusCode).toBe(404);
      expect(answer.headers['x-error']).toBe(`Request asked for note id: [${named}]`);
      expect(problemIn(answer)).toMatchObject({
        type: 'urn:daybook:problem:note-not-found',
        detail: 'Item not found',
      });
    }
    expect(await all()).toEqual(before);
  });

  it.each([
    'abc',
    '1.5',
    '1e0',
    '0x1',
    'true',
    '%20',
    '1%202',
    '--1',
    '%00',
    '1%00',
    'null',
    '__proto__',
    '1_0',
  ])('refuses the id %s together with the faults of the body', async (id) => {
    expect(faultyPlaces(await get(id))).toEqual(['path.note_id']);
    expect(faultyPlaces(await remove(id))).toEqual(['path.note_id']);
    expect(faultyPlaces(await put(id, { text: 'x', completed: true }))).toEqual(['path.note_id']);
    expect(faultyPlaces(await put(id, { text: 1 }))).toEqual(['path.note_id', 'body.text', 'body.completed']);
  });

  it.each(['+1', '01', '%201%20'])('takes %s for the id 1', async (id) => {
    expect((await get(id)).json<NoteBody>().id).toBe(1);
  });

  it.each(['999999999', '99999999999999999999'])(
    'tells what is wrong with a body before that there is no note %s',
    async (id) => {
      expect(faultyPlaces(await put(id, {}))).toEqual(['body.text', 'body.completed']);
    },
  );

  it('sends no X-Error but with a note that is not found', async () => {
    expect((await get('abc')).headers).not.toHaveProperty('x-error');
    expect((await get(1)).headers).not.toHaveProperty('x-error');
    expect((await test.app.inject('/tasks/999999999')).headers).not.toHaveProperty('x-error');
  });
});

describe.each(engines)('pages of notes on %s', (engine) => {
  let test: TestApp;
  const rows = Array.from({ length: 2_001 }, (_, n) => ({ text: `note ${n + 1}`, completed: n % 2 === 0 }));
  const notes = rows.map(({ text, completed }, n) => ({ id: n + 1, text, completed }));
  beforeAll(async () => {
    test = await startApp(engine);
    await insertRows(test, Note, rows);
    const changed = [1_000, 3, 15].map((id) =>
      test.app.inject({ method: 'PUT', url: `/notes/${id}`, payload: rows[id - 1]! }),
    );
    await Promise.all(changed);
  });
  afterAll(() => test.close());

  it.each([
    ['', 0, 20],
    ['?skip=5', 5, 25],
    ['?take=3', 0, 3],
    ['?skip=1&take=2', 1, 3],
    ['?take=1000', 0, 1_000],
    ['?skip=1000&take=1000', 1_000, 2_000],
    ['?skip=1999', 1_999, 2_001],
    ['?skip=2001', 0, 0],
    ['?skip=2147483647&take=1000', 0, 0],
    ['?take=0', 0, 0],
    ['?skip=3&take=0', 0, 0],
    ['?skip=-0&take=-0', 0, 0],
    ['?take=%2B2', 0, 2],
    ['?take=+2+', 0, 2],
    ['?take=002', 0, 2],
    ['?take=5&take=2', 0, 2],
    ['?take=x&take=2', 0, 2],
    ['?take=2&limit=x&__proto__=1&constructor=2&skip[]=9', 0, 2],
  ])('answers /notes%s with a part by id', async (query, start, end) => {
    const response = await test.app.inject(`/notes${query}`);
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual(notes.slice(start, end));
  });

  it.each([
    ['?skip=-1', ['query.skip']],
    ['?take=-1', ['query.take']],
    ['?take=1001', ['query.take']],
    ['?skip=2147483648', ['query.skip']],
    ['?skip=99999999999999999999', ['query.skip']],
    ['?take=99999999999999999999', ['query.take']],
    ['?skip=-99999999999999999999', ['query.skip']],
    ['?skip=', ['query.skip']],
    ['?skip', ['query.skip']],
    ['?skip=abc&take=true', ['query.skip', 'query.take']],
    ['?skip=1.5&take=1e0', ['query.skip', 'query.take']],
    ['?skip=0x1', ['query.skip']],
    ['?take=2&take=x', ['query.take']],
    ['?take=%00', ['query.take']],
    ['?take=%FF', ['query.take']],
    ['?take=%zz', ['query.take']],
  ])('refuses /notes%s', async (query, places) => {
    expect(faultyPlaces(await test.app.inject(`/notes${query}`))).toEqual(places);
  });

  it('lists all of them at /notes/all, whatever the query says', async () => {
    const response = await test.app.inject('/notes/all?take=1&skip=x');
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toBe('application/json');
    expect(response.json()).toEqual(notes);
  });
});

describe.each(engines)('curl and notes on %s', (engine) => {
  let test: TestApp;
  let url: string;
  beforeAll(async () => {
    test = await startApp(engine);
    await test.app.listen({ host: '127.0.0.1', port: 0 });
    url = await test.app.getUrl();
  });
  afterAll(() => test.close());

  it('takes JSON that curl calls a form', async () => {
    const post = ['-sS', '-X', 'POST', `${url}/notes`, '--data', '{"text":"Test","completed":"false"}'];
    expect((await curl('curl', post)).stdout).toBe('{"id":1,"text":"Test","completed":false}');
    const { stdout } = await curl('curl', ['-sS', `${url}/notes/1`]);
    expect(stdout).toBe('{"id":1,"text":"Test","completed":false}');
  });

  it('answers 404 with X-Error', async () => {
    const { stdout } = await curl('curl', ['-sS', '-i', '-X', 'DELETE', `${url}/notes/42`]);
    expect(stdout).toMatch(/^HTTP\/1\.1 404 /);
    expect(stdout.toLowerCase()).toContain('\r\nx-error: request asked for note id: [42]\r\n');
  });

  it.each([1_000, 12_000])(
    'answers 404 to an id of %i digits, in a head that clients can read',
    async (digits) => {
      const response = await fetch(`${url}/notes/${'9'.repeat(digits)}`);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ detail: 'Item not found' });
    },
  );
});
