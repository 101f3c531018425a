import { randomUUID } from 'node:crypto';
import { type LoggerService } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import { verify } from '@node-rs/argon2';
import type { DataSource } from 'typeorm';
import { Item } from '../../src/users/item.entity.js';
import { User } from '../../src/users/user.entity.js';
import { startApp, type TestApp } from '../support/app.js';
import { engines } from '../support/databases.js';
import { faultyPlaces, problemIn } from '../support/problem-details.js';
import { insertRows } from '../support/rows.js';

interface ItemBody {
  title: string;
  description: string | null;
  id: number;
  owner_id: number;
}

interface UserBody {
  email: string;
  id: number;
  is_active: boolean;
  items: ItemBody[];
}

const PASSWORD = 'hunter2-hunter2';
const freshEmail = () => `${randomUUID()}@example.com`;

describe.each(engines)('users on %s', (engine) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp(engine);
  });
  afterAll(() => test.close());

  const post = (payload: object) => test.app.inject({ method: 'POST', url: '/users/', payload });
  const get = (id: number | string) => test.app.inject(`/users/${id}`);
  const list = async () => (await test.app.inject('/users/?limit=1000')).json<UserBody[]>();
  const hashOf = async (id: number) => {
    const sql = `SELECT password_hash FROM users WHERE id = ${id}`;
    const [row] = await test.app
      .get<DataSource>(getDataSourceToken())
      .query<{ password_hash: string }[]>(sql);
    return row!.password_hash;
  };

  it('answers an empty list at first', async () => {
    const listed = await test.app.inject('/users/');
    expect(listed.statusCode).toBe(200);
    expect(listed.headers['content-type']).toBe('application/json');
    expect(listed.body).toBe('[]');
  });

  it('registers a user and gives it back', async () => {
    const created = await post({ email: 'ada@example.com', password: PASSWORD });
    expect(created.statusCode).toBe(200);
    expect(created.headers['content-type']).toBe('application/json');
    expect(created.body).toBe('{"email":"ada@example.com","id":1,"is_active":true,"items":[]}');

    const read = await get(1);
    expect(read.statusCode).toBe(200);
    expect(read.body).toBe(created.body);
    expect((await test.app.inject('/users/')).body).toBe(`[${created.body}]`);
  });

  it('ignores an id, is_active and items in a body', async () => {
    const newest = (await list()).at(-1)!;
    const email = freshEmail();
    const body = {
      email,
      password: PASSWORD,
      id: 77,
      is_active: false,
      items: [{ title: 'x' }],
      email_key: 'x',
    };
    const created = (await post(body)).json<UserBody>();
    expect(created).toEqual({ email, id: newest.id + 1, is_active: true, items: [] });
    expect((await get(created.id)).json()).toEqual(created);
  });

  it.each([
    [{}, ['body.email', 'body.password']],
    [{ email: freshEmail() }, ['body.password']],
    [{ password: PASSWORD }, ['body.email']],
    [{ email: null, password: null }, ['body.email', 'body.password']],
    [{ email: 1, password: 123_456 }, ['body.email', 'body.password']],
    [{ email: [freshEmail()], password: [PASSWORD] }, ['body.email', 'body.password']],
    [{ email: 'nobody', password: '12345' }, ['body.email', 'body.password']],
  ])('refuses %j', async (body, places) => {
    const before = await list();
    expect(faultyPlaces(await post(body))).toEqual(places);
    expect(await list()).toEqual(before);
  });

  it.each([
    '',
    'ada',
    '@example.com',
    'ada@',
    'ada@@example.com',
    'ada @example.com',
    ' ada@example.com',
    'ada@example.com\n',
    'ada@exa mple.com',
    'ada@example..com',
    'Ada <ada@example.com>',
    'a@example.com,b@example.com',
    'ada@example.com\u0000',
    'ada\ud800@example.com',
    `${'a'.repeat(300)}@example.com`,
  ])('refuses the e-mail %j', async (email) => {
    expect(faultyPlaces(await post({ email, password: PASSWORD }))).toEqual(['body.email']);
  });

  it.each(['first.last+tag@example.com', "o'hara@example.co.uk", 'x@sub.example.org', 'grüße@example.com'])(
    'takes the e-mail %s',
    async (email) => {
      const created = await post({ email, password: PASSWORD });
      expect(created.statusCode).toBe(200);
      expect(created.json<UserBody>().email).toBe(email);
    },
  );

  it.each([
    ['the same', 'same@example.com', 'same@example.com'],
    ['capitals', 'capitals@example.com', 'CAPITALS@Example.COM'],
    ['small letters', 'Small@Example.com', 'small@example.com'],
    ['letters with accents', 'zoë@example.com', 'ZOË@example.com'],
  ])('refuses an e-mail that is registered: %s', async (_what, first, second) => {
    const created = (await post({ email: first, password: PASSWORD })).json<UserBody>();
    expect(created.email).toBe(first);
    const before = await list();

    const refused = await post({ email: second, password: 'another one' });
    expect(refused.statusCode).toBe(400);
    expect(problemIn(refused)).toMatchObject({
      type: 'urn:daybook:problem:email-already-registered',
      detail: 'Email already registered',
    });
    expect(await list()).toEqual(before);
    expect(await verify(await hashOf(created.id), PASSWORD)).toBe(true);
  });

  it('registers one of ten who come with the same e-mail at once', async () => {
    const email = freshEmail();
    const spellings = Array.from({ length: 10 }, (_, n) => (n % 2 === 0 ? email : email.toUpperCase()));
    const answers = await Promise.all(
      spellings.map((spelling) => post({ email: spelling, password: PASSWORD })),
    );
    expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([
      200,
      ...Array<number>(9).fill(400),
    ]);
    for (const answer of answers.filter(({ statusCode }) => statusCode === 400)) {
      expect(problemIn(answer).detail).toBe('Email already registered');
    }
    expect((await list()).filter((user) => user.email.toLowerCase() === email)).toHaveLength(1);
  });

  it.each([
    ['six characters', 'abcdef'],
    ['six characters beyond the BMP', '😀😀😀😀😀😀'],
    ['blanks around it', '  pass  '],
    ['100,000 characters', 'x'.repeat(100_000)],
  ])('keeps a password of %s as an argon2id hash', async (_what, password) => {
    const { id } = (await post({ email: freshEmail(), password })).json<UserBody>();
    const hash = await hashOf(id);
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]+\$[\w+/]+$/);
    expect(await verify(hash, password)).toBe(true);
    expect(await verify(hash, password.trim().slice(0, 5))).toBe(false);
  });

  it('salts each hash', async () => {
    const [one, other] = await Promise.all([
      post({ email: freshEmail(), password: PASSWORD }),
      post({ email: freshEmail(), password: PASSWORD }),
    ]);
    expect(await hashOf(one.json<UserBody>().id)).not.toBe(await hashOf(other.json<UserBody>().id));
  });

  it.each([
    ['too short', 'qwxyz'],
    ['five characters beyond the BMP', '😀😀😀😀😀'],
    ['with NUL', 'qwxyz\u0000qwxyz'],
    ['with a lone surrogate', 'qwxyz\ud800qwxyz'],
  ])('refuses a password that is %s and does not repeat it', async (_what, password) => {
    const response = await post({ email: freshEmail(), password });
    expect(faultyPlaces(response)).toEqual(['body.password']);
    expect(response.body).not.toContain(password.slice(0, 5));
  });

  it.each([
    ['next to a bad e-mail', `{"email":"qwxyz-bad","password":"${PASSWORD}"}`],
    ['in JSON that breaks off', `{"email":"a@example.com","password":"${PASSWORD}"`],
    ['in an array', `["${PASSWORD}"]`],
    ['as a form', `email=a%40example.com&password=${PASSWORD}`],
    ['as an unknown field', `{"passwort":"${PASSWORD}"}`],
  ])('does not repeat a password that comes %s', async (_what, payload) => {
    const response = await test.app.inject({ method: 'POST', url: '/users/', payload });
    expect(response.statusCode).toBe(422);
    expect(response.body).not.toContain(PASSWORD);
    expect(response.body).not.toContain('qwxyz-bad');
    expect(JSON.stringify(response.headers)).not.toContain(PASSWORD);
  });

  it('gives no answer with a password or a hash', async () => {
    const email = freshEmail();
    const created = await post({ email, password: PASSWORD });
    const refused = await post({ email, password: PASSWORD });
    const answers = [
      created,
      refused,
      await get(created.json<UserBody>().id),
      await test.app.inject('/users/'),
    ];
    for (const { body } of answers) expect(body).not.toMatch(/hunter2|argon2|password/i);
  });

  it('lists by id', async () => {
    const ids = (await list()).map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(2);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  });

  it.each([
    '999999999',
    '0',
    '-1',
    '2147483648',
    '-2147483649',
    '9'.repeat(30),
    '%20999999999',
    '+999999999',
  ])('finds no user %s', async (id) => {
    const read = await get(id);
    const added = await test.app.inject({
      method: 'POST',
      url: `/users/${id}/items/`,
      payload: { title: 'Lamp' },
    });
    for (const answer of [read, added]) {
      expect(answer.statusCode).toBe(404);
      expect(problemIn(answer)).toMatchObject({
        type: 'urn:daybook:problem:user-not-found',
        detail: 'User not found',
      });
    }
    expect((await test.app.inject('/items/')).body).toBe('[]');
  });

  it.each(['abc', '1.5', '1e0', '0x1', 'true', '%20', '1%00', 'me', '__proto__'])(
    'refuses the id %s together with the faults of the body',
    async (id) => {
      expect(faultyPlaces(await get(id))).toEqual(['path.user_id']);
      const added = await test.app.inject({ method: 'POST', url: `/users/${id}/items/`, payload: {} });
      expect(faultyPlaces(added)).toEqual(['path.user_id', 'body.title']);
    },
  );

  it.each(['+1', '01', '%201%20'])('takes %s for the id 1', async (id) => {
    expect((await get(id)).json<UserBody>().id).toBe(1);
  });
});

describe.each(engines)('the log of users on %s', (engine) => {
  it('holds no password, no hash and no e-mail', async () => {
    const test = await startApp(engine);
    const entries: unknown[] = [];
    const keep = (...entry: unknown[]) => void entries.push(entry);
    const logger: LoggerService = {
      log: keep,
      error: keep,
      warn: keep,
      debug: keep,
      verbose: keep,
      fatal: keep,
    };
    test.app.useLogger(logger);
    const post = (payload: object | string) => test.app.inject({ method: 'POST', url: '/users/', payload });
    await post({ email: 'ada@example.com', password: PASSWORD });
    await post({ email: 'ada@example.com', password: PASSWORD });
    await post({ email: 'ada', password: PASSWORD });
    await post(`{"password":"${PASSWORD}`);
    await test.app.inject(`/users/?password=${PASSWORD}`);
    await test.close();

    expect(entries.length).toBeGreaterThanOrEqual(5);
    expect(JSON.stringify(entries)).not.toMatch(/hunter2|argon2|ada@/);
  });
});

describe.each(engines)('items on %s', (engine) => {
  let test: TestApp;
  let owner: number;
  let other: number;
  beforeAll(async () => {
    test = await startApp(engine);
    const register = async () => {
      const payload = { email: freshEmail(), password: PASSWORD };
      return (await test.app.inject({ method: 'POST', url: '/users/', payload })).json<UserBody>().id;
    };
    owner = await register();
    other = await register();
  });
  afterAll(() => test.close());

  const post = (payload: object, user = owner) =>
    test.app.inject({ method: 'POST', url: `/users/${user}/items/`, payload });
  const list = async () => (await test.app.inject('/items/?limit=1000')).json<ItemBody[]>();

  it('answers an empty list at first', async () => {
    const listed = await test.app.inject('/items/');
    expect(listed.statusCode).toBe(200);
    expect(listed.headers['content-type']).toBe('application/json');
    expect(listed.body).toBe('[]');
  });

  it('adds an item and gives it back with the items and with its owner', async () => {
    const created = await post({ title: 'Lamp', description: 'Brass' });
    expect(created.statusCode).toBe(200);
    expect(created.headers['content-type']).toBe('application/json');
    expect(created.body).toBe(`{"title":"Lamp","description":"Brass","id":1,"owner_id":${owner}}`);

    expect((await test.app.inject('/items/')).body).toBe(`[${created.body}]`);
    const items = [created.json<ItemBody>()];
    expect((await test.app.inject(`/users/${owner}`)).json()).toMatchObject({ id: owner, items });
    expect((await test.app.inject('/users/')).json()).toMatchObject([
      { id: owner, items },
      { id: other, items: [] },
    ]);
  });

  it.each([
    [{ title: 'Lamp' }, null],
    [{ title: 'Lamp', description: null }, null],
    [{ title: 'Lamp', description: '' }, ''],
    [{ title: '', description: 'Grüße 😀' }, 'Grüße 😀'],
    [{ title: 'x'.repeat(100_000), description: 'y'.repeat(100_000) }, 'y'.repeat(100_000)],
  ])('keeps an item with or without a description', async (body, description) => {
    const created = await post(body);
    expect(created.statusCode).toBe(200);
    const item = created.json<ItemBody>();
    expect(item).toEqual({ title: body.title, description, id: expect.any(Number), owner_id: owner });
    expect((await list()).at(-1)).toEqual(item);
  });

  it('ignores an id and an owner in a body', async () => {
    const newest = (await list()).at(-1)!;
    const item = (
      await post({ title: 'Mine', id: 77, owner_id: other, owner: other, ownerId: other })
    ).json();
    expect(item).toEqual({ title: 'Mine', description: null, id: newest.id + 1, owner_id: owner });
    expect((await list()).at(-1)).toEqual(item);
  });

  it.each([
    [{}, ['body.title']],
    [{ description: 'x' }, ['body.title']],
    [{ title: null }, ['body.title']],
    [{ title: 1, description: 2 }, ['body.title', 'body.description']],
    [{ title: 'x', description: false }, ['body.description']],
    [{ title: 'x', description: ['y'] }, ['body.description']],
    [{ title: '\u0000', description: '\ud800' }, ['body.title', 'body.description']],
  ])('refuses %j', async (body, places) => {
    const before = await list();
    expect(faultyPlaces(await post(body))).toEqual(places);
    expect(faultyPlaces(await post(body, 999_999_999))).toEqual(places);
    expect(await list()).toEqual(before);
  });

  it('lists the items of a user by id', async () => {
    await post({ title: 'Theirs' }, other);
    await post({ title: 'Mine again' });
    const all = await list();
    expect(all.map(({ id }) => id)).toEqual(all.map(({ id }) => id).toSorted((a, b) => a - b));
    for (const id of [owner, other]) {
      const user = (await test.app.inject(`/users/${id}`)).json<UserBody>();
      expect(user.items).toEqual(all.filter((item) => item.owner_id === id));
    }
  });
});

describe.each(engines)('pages of users and items on %s', (engine) => {
  let test: TestApp;
  const COUNT = 1_101;
  const users = Array.from({ length: COUNT }, (_, n) => ({
    email: `user${n + 1}@example.com`,
    emailKey: `user${n + 1}@example.com`,
    passwordHash: 'none',
    isActive: true,
  }));
  // Owners from the last to the first, and two items each, so that the order of neither follows from the other.
  const items = Array.from({ length: COUNT * 2 }, (_, n) => ({
    title: `item ${n + 1}`,
    description: null,
    ownerId: COUNT - (n % COUNT),
  }));
  const itemBodies = items.map(({ title, description, ownerId }, n) => ({
    title,
    description,
    id: n + 1,
    owner_id: ownerId,
  }));
  const userBodies = users.map(({ email }, n) => ({
    email,
    id: n + 1,
    is_active: true,
    items: itemBodies.filter((item) => item.owner_id === n + 1),
  }));
  beforeAll(async () => {
    test = await startApp(engine);
    await insertRows(test, User, users);
    await insertRows(test, Item, items);
  });
  afterAll(() => test.close());

  const bodiesOf = { '/users/': userBodies, '/slowusers/': userBodies, '/items/': itemBodies };
  const paths = Object.keys(bodiesOf) as (keyof typeof bodiesOf)[];

  describe.each(paths)('%s', (path) => {
    it.each([
      ['', 0, 100],
      ['?skip=5', 5, 105],
      ['?limit=3', 0, 3],
      ['?skip=7&limit=2', 7, 9],
      ['?limit=1000', 0, 1_000],
      ['?skip=1000&limit=100', 1_000, 1_100],
      ['?skip=5000', 0, 0],
      ['?skip=2147483647&limit=1000', 0, 0],
      ['?limit=0', 0, 0],
      ['?skip=3&limit=0', 0, 0],
      ['?skip=-0&limit=-0', 0, 0],
      ['?limit=%2B2', 0, 2],
      ['?limit=%20002%20', 0, 2],
      ['?limit=5&limit=2', 0, 2],
      ['?limit=2&take=x&__proto__=1', 0, 2],
    ])('answers %s with a part by id', async (query, start, end) => {
      const response = await test.app.inject(path + query);
      expect(response.statusCode).toBe(200);
      expect(response.headers['content-type']).toBe('application/json');
      const page = response.json<{ id: number }[]>();
      const expected = bodiesOf[path].slice(start, end);
      expect(page.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
      expect(page).toEqual(expected);
    });

    it.each([
      ['?skip=-1', ['query.skip']],
      ['?limit=-1', ['query.limit']],
      ['?limit=1001', ['query.limit']],
      ['?skip=2147483648', ['query.skip']],
      ['?skip=99999999999999999999&limit=99999999999999999999', ['query.skip', 'query.limit']],
      ['?skip=&limit=', ['query.skip', 'query.limit']],
      ['?skip=abc&limit=true', ['query.skip', 'query.limit']],
      ['?skip=1.5&limit=1e0', ['query.skip', 'query.limit']],
      ['?limit=0x1', ['query.limit']],
      ['?limit=2&limit=x', ['query.limit']],
    ])('refuses %s', async (query, places) => {
      expect(faultyPlaces(await test.app.inject(path + query))).toEqual(places);
    });
  });
});

describe.each(engines)('/slowusers on %s', (engine) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp(engine, { settings: { SLOW_USERS_SECONDS: '3' } });
    const payload = { email: 'ada@example.com', password: PASSWORD };
    await test.app.inject({ method: 'POST', url: '/users/', payload });
  });
  afterAll(() => test.close());

  it('refuses a bad query without a wait, which counts for nobody', async () => {
    expect(faultyPlaces(await test.app.inject('/slowusers/?limit=-1'))).toEqual(['query.limit']);
  });

  it('answers ten at once, the first two last, and others meanwhile', async () => {
    const answered: (number | string)[] = [];
    const slow = Array.from({ length: 10 }, async (_, n) => {
      const response = await test.app.inject('/slowusers/');
      answered.push(n);
      return response;
    });
    expect((await test.app.inject('/users/')).statusCode).toBe(200);
    const payload = { message: 'meanwhile' };
    expect((await test.app.inject({ method: 'POST', url: '/log', payload })).statusCode).toBe(200);
    answered.push('others');

    const responses = await Promise.all(slow);
    expect(responses.map(({ statusCode }) => statusCode)).toEqual(Array<number>(10).fill(200));
    const [first] = responses;
    expect(first!.json()).toEqual([{ email: 'ada@example.com', id: 1, is_active: true, items: [] }]);
    expect(new Set(responses.map(({ body }) => body)).size).toBe(1);
    // Two seconds, one, and none for all that follow.
    expect(answered.slice(-2)).toEqual([1, 0]);
    expect(answered.indexOf('others')).toBeLessThan(answered.indexOf(1));
  });
});

describe('the setting PASSWORD_MIN_LENGTH', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.resetModules();
  });

  it.each([
    ['8', 'seven77', 422],
    ['8', 'eight888', 200],
    ['1', 'x', 200],
    ['1', '', 422],
  ])('of %s makes the password %j a %i', async (length, password, status) => {
    // The rule is made when its class is loaded.
    vi.stubEnv('PASSWORD_MIN_LENGTH', length);
    vi.resetModules();
    const support = await import('../support/app.js');
    const test = await support.startApp('sqlite');
    const payload = { email: 'ada@example.com', password };
    const response = await test.app.inject({ method: 'POST', url: '/users/', payload });
    await test.close();
    expect(response.statusCode).toBe(status);
  });
});
