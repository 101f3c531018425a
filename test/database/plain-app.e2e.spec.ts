import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { getDataSourceToken, getEntityManagerToken, getRepositoryToken } from '@nestjs/typeorm';
import type { DataSource, Repository } from 'typeorm';
import { SessionDataSource } from '../../src/database/index.js';
import { createDatabase, engines, type TestDatabase } from '../support/databases.js';
import { Author, Book, Change, Chapter, Profile, Status, Tag } from './plain-app.entities.js';
import { PlainAppModule } from './plain-app.js';
import { AuthorSubscriber } from './plain-app.services.js';
import { connectionTo } from './support.js';

interface AuthorBody extends Omit<Author, 'created' | 'updated' | 'deleted'> {
  created: string;
  updated: string;
  deleted: string | null;
}

describe.each(engines)('a plain Nest application on %s', (engine) => {
  let database: TestDatabase;
  let app: NestFastifyApplication;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await createDatabase(engine);
    const module = await Test.createTestingModule({
      imports: [PlainAppModule.register(connectionTo(engine, database.url))],
    }).compile();
    app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    dataSource = app.get(getDataSourceToken());
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });
  beforeEach(async () => {
    for (const entity of [Chapter, Book, Tag, Author, Profile, Change]) {
      await dataSource.getRepository(entity).deleteAll();
    }
    app.get(AuthorSubscriber).told.length = 0;
  });

  const call = (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, payload?: object) =>
    app.inject({ method, url, payload });
  const post = (url: string, payload: object = {}) => call('POST', url, payload);
  const authorOf = async (id: string) => (await call('GET', `/authors/${id}`)).json<AuthorBody>();
  const counts = async () =>
    Promise.all(
      [Author, Book, Chapter, Tag, Profile, Change].map((entity) => dataSource.manager.count(entity)),
    );
  const ada = {
    name: 'Ada',
    settings: { theme: { dark: true }, sizes: [1, 2] },
    labels: ['a', 'b'],
    born: '1815-12-10',
    seen: '2026-01-02T03:04:05.678Z',
    address: { street: '12 St James’s Square', city: 'London' },
    profile: { bio: 'Mathematician' },
    books: [
      { title: 'Notes', price: 5, tags: [{ name: 'maths' }, { name: 'engines' }] },
      { title: 'Letters' },
    ],
  };

  it('has the data source, repositories and manager under the tokens of Nest', () => {
    expect(dataSource).toBeInstanceOf(SessionDataSource);
    expect(dataSource.isInitialized).toBe(true);
    expect(app.get(getEntityManagerToken())).toBe(dataSource.manager);
    expect(app.get<Repository<Author>>(getRepositoryToken(Author)).target).toBe(Author);
  });

  it('saves an entity with cascades, and reads it with its relations and all kinds of columns', async () => {
    const created = await post('/authors', ada);
    expect(created.statusCode).toBe(201);
    const { id } = created.json<AuthorBody>();
    expect(id).toMatch(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/);
    const { books, profile, created: at, updated, ...columns } = await authorOf(id);
    expect(columns).toEqual({
      id,
      name: 'Ada',
      status: Status.Active,
      settings: ada.settings,
      labels: ada.labels,
      born: '1815-12-10',
      seen: ada.seen,
      address: ada.address,
      deleted: null,
      version: 1,
    });
    expect(profile?.bio).toBe('Mathematician');
    expect(books.map(({ title, price }) => [title, price])).toEqual([
      ['Letters', 0],
      ['Notes', 5],
    ]);
    expect(books[1]?.tags.map(({ name }) => name).toSorted()).toEqual(['engines', 'maths']);
    expect(Number.isNaN(Date.parse(at))).toBe(false);
    expect(Date.parse(updated)).toBe(Date.parse(at));
    expect(await counts()).toEqual([1, 2, 0, 2, 1, 1]);
  });

  it('changes an entity, with its version and its children', async () => {
    const { id, books } = (await post('/authors', ada)).json<AuthorBody>();
    const changed = await call('PATCH', `/authors/${id}`, {
      status: Status.Retired,
      settings: null,
      address: { city: 'Paris' },
      profile: { bio: 'Countess' },
    });
    expect(changed.statusCode).toBe(200);
    expect(await authorOf(id)).toMatchObject({
      status: Status.Retired,
      address: { street: ada.address.street, city: 'Paris' },
      profile: { bio: 'Countess' },
      version: 2,
    });
    expect((await authorOf(id)).books).toHaveLength(books.length);
    await post('/authors/Ada/retire');
    await call('PATCH', `/authors/${id}`, { born: null });
    expect(await authorOf(id)).toMatchObject({ born: null, version: 3, profile: { bio: 'Countess' } });
  });

  it('deletes softly, and takes that back', async () => {
    const { id } = (await post('/authors', ada)).json<AuthorBody>();
    await call('DELETE', `/authors/${id}`);
    expect((await call('GET', '/authors?skip=0&take=10')).json()).toEqual([[], 0]);
    expect((await authorOf(id)).deleted).not.toBeNull();
    await post(`/authors/${id}/restore`);
    expect((await call('GET', '/authors?skip=0&take=10')).json<[unknown[], number]>()[1]).toBe(1);
    expect((await authorOf(id)).deleted).toBeNull();
  });

  it('lists by page, with relations', async () => {
    const names = Array.from({ length: 12 }, (_, n) => `Writer ${String(n).padStart(2, '0')}`);
    await Promise.all(
      [...names, 'Other'].map((name) =>
        post('/authors', { name, address: {}, books: [{ title: `${name} b` }, { title: `${name} a` }] }),
      ),
    );
    const [page, total] = (await call('GET', '/authors?name=Writer&skip=5&take=3')).json<
      [AuthorBody[], number]
    >();
    expect(total).toBe(12);
    expect(page.map(({ name }) => name)).toEqual(names.slice(5, 8));
    expect(page[0]?.books.map(({ title }) => title).toSorted()).toEqual(['Writer 05 a', 'Writer 05 b']);
  });

  it('reads, changes and deletes with a repository of its own, query builders and upsert', async () => {
    await post('/authors', ada);
    for (const price of [1, 3])
      expect((await call('PUT', '/books', { title: 'New', price })).statusCode).toBe(200);
    const cheap = (await call('GET', '/books/cheap?below=6')).json<Book[]>();
    expect(cheap.map(({ title, price, tags }) => [title, price, tags.map(({ name }) => name)])).toEqual([
      ['Letters', 0, []],
      ['New', 3, []],
      ['Notes', 5, ['engines', 'maths']],
    ]);
    await call('DELETE', '/books/cheap?below=4');
    expect((await call('GET', '/books/cheap?below=6')).json<Book[]>().map(({ title }) => title)).toEqual([
      'Notes',
    ]);
  });

  it('loads relations lazily in both directions, outside any transaction', async () => {
    await post('/authors/with-chapters', ada);
    expect((await call('GET', '/books/Notes/headings')).json()).toEqual(['1 of Notes', '2 of Notes']);
    expect((await call('GET', '/chapters/2%20of%20Notes/book')).json()).toMatchObject({
      title: 'Notes',
      price: 6,
    });
  });

  it('keeps a tree', async () => {
    const tree = { name: 'root', children: [{ name: 'a', children: [{ name: 'b' }] }, { name: 'c' }] };
    expect((await post('/categories', tree)).json()).toMatchObject([tree]);
  });

  it('keeps nothing of what fails, and tells its subscriber only of what is kept', async () => {
    expect((await post('/authors/with-chapters', ada)).statusCode).toBe(201);
    const before = await counts();
    expect(before).toEqual([1, 2, 4, 2, 1, 1]);
    const books = [{ title: 'Another', tags: [{ name: 'new' }] }, { title: 'Notes' }];
    // The cascade fails, then its transaction as a whole, then the work itself.
    expect((await post('/authors', { ...ada, name: 'B', books })).statusCode).toBe(500);
    expect((await post('/authors/with-chapters', { ...ada, name: 'C', books })).statusCode).toBe(500);
    const fine = { name: 'D', address: {}, books: [{ title: 'D', tags: [{ name: 'd' }] }] };
    expect((await post('/authors/with-chapters', { ...fine, fail: true })).statusCode).toBe(409);
    expect((await post('/authors/many', { names: ['E', 'Ada'] })).statusCode).toBe(500);
    expect((await post('/authors/many', { names: ['F', 'G'], fail: true })).statusCode).toBe(409);
    expect(await counts()).toEqual(before);
    expect(app.get(AuthorSubscriber).told).toEqual(['Ada']);
    expect((await post('/authors/many', { names: ['F'] })).statusCode).toBe(201);
    expect(app.get(AuthorSubscriber).told).toEqual(['Ada', 'F']);
  });

  it('keeps of 200 transactions at once exactly the 100 that do not fail, with their children', async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        post('/authors/with-chapters', {
          name: `Author ${n}`,
          address: {},
          profile: { bio: `${n}` },
          books: [{ title: `${n} a`, tags: [{ name: `${n}` }] }, { title: `${n} b` }],
          fail: n % 2 === 1,
        }),
      ),
    );
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(
      Array.from({ length: 200 }, (_, n) => (n % 2 === 1 ? 409 : 201)),
    );
    const even = Array.from({ length: 100 }, (_, n) => 2 * n);
    const authors = await dataSource.getRepository(Author).find({ relations: { books: { tags: true } } });
    expect(new Set(authors.map(({ name }) => name))).toEqual(new Set(even.map((n) => `Author ${n}`)));
    expect(
      new Set(authors.flatMap(({ books }) => books.map(({ title, price }) => `${title} ${price}`))),
    ).toEqual(new Set(even.flatMap((n) => [`${n} a 1`, `${n} b 1`])));
    expect(authors.every(({ labels, books }) => labels?.[0] === 'new' && books.length === 2)).toBe(true);
    expect(await counts()).toEqual([100, 200, 400, 100, 100, 100]);
    expect(app.get(AuthorSubscriber).told.toSorted()).toEqual(even.map((n) => `Author ${n}`).toSorted());
  });

  it.each(['read-and-write', 'increment'])(
    'loses none of 200 updates of one row at once: %s',
    async (way) => {
      const { id } = (await post('/counters')).json<{ id: number }>();
      const answers = await Promise.all(Array.from({ length: 200 }, () => post(`/counters/${id}/${way}`)));
      expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([201]));
      expect((await call('GET', `/counters/${id}`)).json()).toEqual({ id, value: 200 });
    },
  );

  it('does all kinds of writes at once beside transactions that fail', async () => {
    const { id } = (await post('/counters')).json<{ id: number }>();
    await Promise.all(
      Array.from({ length: 25 }, (_, n) => post('/authors', { name: `Old ${n}`, address: {} })),
    );
    const requests = Array.from({ length: 25 }, (_, n) => [
      {
        expected: 201,
        sent: post('/authors', { name: `Bare ${n}`, address: {}, books: [{ title: `Bare ${n}` }] }),
      },
      { expected: 200, sent: call('PUT', '/books', { title: `Put ${n}`, price: 100 }) },
      { expected: 201, sent: post(`/authors/Old ${n}/retire`) },
      { expected: 201, sent: post(`/counters/${id}/increment`) },
      { expected: 200, sent: call('DELETE', '/books/cheap?below=-1') },
      { expected: 201, sent: post('/authors/many', { names: [`Many ${n}`] }) },
      { expected: 409, sent: post('/authors/many', { names: [`Undone ${n}`], fail: true }) },
      {
        expected: 409,
        sent: post('/authors/with-chapters', {
          name: `Undone, too ${n}`,
          address: {},
          books: [{ title: `Undone ${n}` }],
          fail: true,
        }),
      },
    ]).flat();
    const answers = await Promise.all(requests.map(({ sent }) => sent));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(requests.map(({ expected }) => expected));
    expect((await call('GET', `/counters/${id}`)).json()).toEqual({ id, value: 25 });
    const authors = await dataSource.getRepository(Author).find();
    const names = Array.from({ length: 25 }, (_, n) => [`Bare ${n}`, `Many ${n}`, `Old ${n}`]).flat();
    expect(authors.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
    expect(authors.filter(({ status }) => status === Status.Retired)).toHaveLength(25);
    const titles = Array.from({ length: 25 }, (_, n) => [`Bare ${n}`, `Put ${n}`]).flat();
    const books = await dataSource.getRepository(Book).find();
    expect(books.map(({ title }) => title).toSorted()).toEqual(titles.toSorted());
    expect(await dataSource.manager.count(Change)).toBe(75);
  });

  it('does not start where there is no database, and does not try again', async () => {
    const nowhere =
      engine === 'sqlite' ? 'sqlite:/dev/null/nowhere.sqlite' : new URL('/nowhere', database.url).href;
    const starting = Test.createTestingModule({
      imports: [PlainAppModule.register(connectionTo(engine, nowhere))],
    }).compile();
    await expect(starting).rejects.toThrow(Error);
  });
});
