import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { Body, Controller, Get, Module, Param, Post, Query } from '@nestjs/common';
import { HomeModule } from '../../src/home/home.module.js';
import { WriteTaskDto } from '../../src/tasks/dto/write-task.dto.js';
import { PageDto } from '../../src/users/dto/page.dto.js';
import { UserPathDto } from '../../src/users/dto/user-path.dto.js';
import { startApp, type TestApp } from '../support/app.js';
import { engines } from '../support/databases.js';
import { faultyPlaces, problemIn } from '../support/problem-details.js';
import { allowOf, besideIds, pathWith, routes, writes } from '../support/routes.js';

const UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
const JSON_TYPE = { 'content-type': 'application/json' };

/** Adds a log entry, a task, a user, an item and a note, each with the id 1. */
async function fill({ app }: TestApp): Promise<void> {
  for (const { method, path, body } of writes) {
    if (method === 'POST') await app.inject({ method, url: pathWith(path, 1), payload: body() });
  }
}

describe.each(engines)('paths and methods on %s', (engine) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp(engine);
    await fill(test);
  });
  afterAll(() => test.close());

  const forms = (path: string) => (path === '/' ? ['/'] : [path, `${path}/`]);
  const gets = routes.filter(
    ({ methods, path, endless }) =>
      methods.includes('GET') && !['/metrics', '/tasks/export'].includes(path) && !endless,
  );

  it('are those of the document', async () => {
    const { paths } = (await test.app.inject('/openapi.json')).json<{ paths: Record<string, object> }>();
    const documented = Object.entries(paths).map(([path, operations]) => ({
      path,
      methods: Object.keys(operations).map((method) => method.toUpperCase()),
    }));
    const known = routes.map(({ path, methods }) => ({ path, methods: methods.toSorted() }));
    const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1);
    expect(
      documented.map(({ path, methods }) => ({ path, methods: methods.toSorted() })).toSorted(byPath),
    ).toEqual(known.toSorted(byPath));
  });

  it.each(gets)('GET $path answers compact JSON directly in both forms', async ({ path }) => {
    const bodies = new Set<string>();
    for (const url of forms(pathWith(path, 1))) {
      const response = await test.app.inject(url);
      expect(response.statusCode).toBe(200);
      expect(response.headers['content-type']).toBe('application/json');
      expect(response.body).toBe(JSON.stringify(response.json()));
      bodies.add(response.body);
    }
    expect(bodies.size).toBe(1);
  });

  it.each(gets)('HEAD $path answers as GET without a body', async ({ path }) => {
    const url = pathWith(path, 1);
    for (const form of forms(url)) {
      const [get, head] = [await test.app.inject(form), await test.app.inject({ method: 'HEAD', url: form })];
      expect(head.statusCode).toBe(get.statusCode);
      expect(head.body).toBe('');
      expect(head.headers['content-type']).toBe(get.headers['content-type']);
      expect(head.headers['content-length']).toBe(get.headers['content-length']);
    }
  });

  it.each(writes)('$method $path answers JSON directly in both forms', async ({ method, path, body }) => {
    for (const url of forms(pathWith(path, 1))) {
      const response = await test.app.inject({ method, url, payload: body() });
      expect(response.statusCode).toBe(200);
      expect(response.headers['content-type']).toBe('application/json');
      expect(response.body).toBe(JSON.stringify(response.json()));
    }
  });

  it.each(['/tasks', '/notes'])('DELETE %s/… answers JSON directly in both forms', async (path) => {
    const body = routes.find((route) => route.path === path)!.body!;
    for (const slash of ['', '/']) {
      const { id } = (await test.app.inject({ method: 'POST', url: path, payload: body() })).json<{
        id: number;
      }>();
      const response = await test.app.inject({ method: 'DELETE', url: `${path}/${id}${slash}` });
      expect(response.statusCode).toBe(200);
      expect(response.headers['content-type']).toBe('application/json');
    }
  });

  it.each(routes)('OPTIONS $path answers 204 and names the methods in both forms', async (route) => {
    const urls = [...forms(pathWith(route.path, 1)), `${pathWith(route.path, 999_999_999)}?x=1`];
    const answers = await Promise.all(urls.map((url) => test.app.inject({ method: 'OPTIONS', url })));
    for (const { statusCode, headers, body } of answers) {
      expect(statusCode).toBe(204);
      expect(headers.allow).toBe(allowOf(route));
      expect(body).toBe('');
    }
  });

  const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'SEARCH'] as const;
  const wrong = routes.flatMap((route) =>
    METHODS.filter((method) => !allowOf(route).split(', ').includes(method))
      // PUT of /notes/all is that of a note whose id is no number.
      .filter(
        (method) => !(besideIds.includes(route.path) && ['GET', 'HEAD', 'PUT', 'DELETE'].includes(method)),
      )
      .map((method) => ({ method, path: route.path, allow: allowOf(route) })),
  );

  it.each(wrong)('$method $path answers 405 in both forms', async ({ method, path, allow }) => {
    const requests = forms(pathWith(path, 1)).map((url) =>
      test.app.inject({ method: method as 'GET', url, payload: method === 'PATCH' ? '{' : undefined }),
    );
    for (const response of await Promise.all(requests)) {
      expect(response.statusCode).toBe(405);
      expect(response.headers.allow).toBe(allow);
      expect(problemIn(response)).toMatchObject({
        type: 'urn:daybook:problem:method-not-allowed',
        detail: 'Method Not Allowed',
      });
    }
  });

  it.each(['/docs', '/redoc', '/openapi.json'])('serves %s, and no other method of it', async (url) => {
    expect((await test.app.inject(url)).statusCode).toBe(200);
    expect((await test.app.inject({ method: 'HEAD', url })).statusCode).toBe(200);
    const options = await test.app.inject({ method: 'OPTIONS', url });
    expect(options.statusCode).toBe(204);
    expect(options.headers.allow).toBe('GET, HEAD, OPTIONS');
    const refused = await test.app.inject({ method: 'POST', url, payload: {} });
    expect(refused.statusCode).toBe(405);
    expect(refused.headers.allow).toBe('GET, HEAD, OPTIONS');
  });

  const UNKNOWN = [
    '/nowhere',
    '/nowhere/',
    '/Tasks',
    '/LOGS',
    '/log/1',
    '/logs/1',
    '/tasks/1/2',
    '/users/1/items/1',
    '/users/1/tasks',
    '/items/1',
    '/notes/1/2',
    '/notes/all/1',
    '/slowusers/1',
    '/info/x',
    '/health',
    '/health/nowhere',
    '/%00',
    '/__proto__',
    '/constructor',
    '/favicon.ico',
    '/tasks%2F1',
  ];
  it.each(UNKNOWN)('%s is not found, whatever the method', async (url) => {
    const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'] as const;
    const requests = methods.map((method) =>
      test.app.inject({ method: method as 'GET', url, payload: method === 'POST' ? '{' : undefined }),
    );
    for (const response of await Promise.all(requests)) {
      expect(response.statusCode).toBe(404);
      expect(problemIn(response)).toMatchObject({
        type: 'urn:daybook:problem:not-found',
        detail: 'Not Found',
      });
      expect(response.headers).not.toHaveProperty('allow');
    }
  });

  it.each(['/tasks/%zz', '/tasks/%E0%A4%A', '/users/%', '/nowhere/%c0%80'])(
    'answers the malformed path %s with a problem',
    async (url) => {
      const response = await test.app.inject(url);
      expect([400, 404]).toContain(response.statusCode);
      expect(problemIn(response).instance).toMatch(UUID);
      expect(response.headers['content-security-policy']).toBe("default-src 'none'; frame-ancestors 'none'");
    },
  );
});

describe.each(engines)('bodies on %s', (engine) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp(engine);
    await fill(test);
  });
  afterAll(() => test.close());

  const send = (
    method: 'POST' | 'PUT',
    path: string,
    payload: string | Buffer | undefined,
    headers: Record<string, string> = JSON_TYPE,
  ) => test.app.inject({ method, url: pathWith(path, 1), payload, headers });
  const newTask = (payload: string | Buffer, headers?: Record<string, string>) =>
    send('POST', '/tasks', payload, headers);
  const tasks = async () => (await test.app.inject('/tasks')).json<{ name: string; done: boolean }[]>();

  // An import has rules of its own: test/e2e/tasks-import.e2e.spec.ts.
  const bodies = writes.filter(({ path }) => path !== '/tasks/import');

  describe.each(bodies)('$method $path', ({ method, path, body }) => {
    it.each([
      ['no body', undefined],
      ['an empty body', ''],
      ['blanks', ' \n '],
      ['JSON that breaks off', '{"name": "x"'],
      ['two JSON values', '{} {}'],
      ['single quotes', "{'name': 'x'}"],
      ['a comment', '{/* */}'],
      ['a trailing comma', '{"name":"x",}'],
      ['NaN', 'NaN'],
      ['a form', 'name=x&done=true&message=x&title=x&text=x&completed=1'],
      ['null', 'null'],
      ['a list', '[]'],
      ['a list of objects', '[{"name":"x"}]'],
      ['a string', '"x"'],
      ['a number', '1'],
      ['a boolean', 'true'],
      ['invalid UTF-8', Buffer.from('7b226e616d65223a22ff227d', 'hex')],
      ['an overlong UTF-8 form', Buffer.from('7b226e616d65223a22c080227d', 'hex')],
      ['a surrogate in UTF-8', Buffer.from('7b226e616d65223a22eda080227d', 'hex')],
      ['UTF-16', Buffer.from('\ufeff{"name":"x"}', 'utf16le')],
      ['two byte order marks', '\ufeff\ufeff{}'],
      ['a deep list', '['.repeat(100_000)],
      ['a deep list with an end', '['.repeat(50_000) + ']'.repeat(50_000)],
    ])('refuses %s as a whole', async (_what, payload) => {
      const response = await send(method, path, payload);
      expect(faultyPlaces(response)).toEqual(['body']);
    });

    it('refuses an empty object for each field that is not there', async () => {
      const places = faultyPlaces(await send(method, path, '{}'));
      expect(places.length).toBeGreaterThan(0);
      expect(Object.keys(body()).map((field) => `body.${field}`)).toEqual(expect.arrayContaining(places));
    });

    it('takes no prototype for its fields', async () => {
      const hostile = `{"__proto__":${JSON.stringify(body())},"constructor":{"prototype":{"name":"x"}}}`;
      expect(faultyPlaces(await send(method, path, hostile))).not.toContain('body');
      expect({}).not.toHaveProperty('name');
    });

    it('ignores unknown fields', async () => {
      const unknown = {
        __proto__x: 1,
        id: 4_711,
        owner_id: 4_711,
        is_active: false,
        toString: 'x',
        deep: [[{}]],
      };
      const response = await send(method, path, JSON.stringify({ ...body(), ...unknown }));
      expect(response.statusCode).toBe(200);
      expect(response.body).not.toMatch(/4711|"is_active":false|deep/);
    });

    it.each([
      ['text/plain', { origin: 'https://evil.example' }],
      ['application/x-www-form-urlencoded', { origin: 'https://evil.example' }],
      ['multipart/form-data; boundary=x', { origin: 'https://evil.example' }],
      ['text/plain;application/json', { origin: 'https://evil.example' }],
      ['text/json', { origin: 'null' }],
      ['text/plain', { origin: 'http://localhost.evil.example' }],
      ['text/plain', { 'sec-fetch-site': 'cross-site' }],
      ['text/plain', { 'sec-fetch-site': 'cross-site', origin: 'http://localhost:80' }],
      ['', { origin: 'https://evil.example' }],
      ['', { 'sec-fetch-site': 'cross-site' }],
    ])('refuses JSON as %s from %j', async (type, headers) => {
      const response = await send(method, path, JSON.stringify(body()), { 'content-type': type, ...headers });
      expect(response.statusCode).toBe(415);
      expect(problemIn(response).type).toBe('urn:daybook:problem:unsupported-media-type');
    });

    it.each([
      [undefined],
      ['application/json'],
      ['APPLICATION/JSON'],
      ['Application/Json; charset=UTF-8'],
      ['application/json;charset=latin1;x=y'],
      ['application/vnd.api+json'],
      ['application/problem+json; x=1'],
      ['application/x-www-form-urlencoded'],
      ['text/plain'],
      ['text/plain; charset=utf-16'],
      ['multipart/form-data; boundary=x'],
      ['application/octet-stream'],
      ['application/xml'],
    ])('takes JSON as %s', async (type) => {
      const headers = type === undefined ? undefined : { 'content-type': type };
      const payload = Buffer.from(JSON.stringify(body()));
      const response = await test.app.inject({ method, url: pathWith(path, 1), payload, headers });
      expect(response.statusCode).toBe(200);
    });

    it('refuses a body over the limit, whose end it does not wait for', async () => {
      const response = await send(method, path, JSON.stringify({ ...body(), x: 'x'.repeat(1_048_576) }));
      expect(response.statusCode).toBe(413);
      expect(problemIn(response).type).toBe('urn:daybook:problem:body-too-large');
    });

    it('takes a body of just the limit', async () => {
      const start = JSON.stringify(body()).replace(/\}$/, ',"x":"');
      const payload = `${start}${'x'.repeat(1_048_576 - Buffer.byteLength(start) - 2)}"}`;
      expect((await send(method, path, payload)).statusCode).toBe(200);
      expect((await send(method, path, `${payload} `)).statusCode).toBe(413);
    });
  });

  it.each([
    ['application/json', { origin: 'https://evil.example' }],
    ['application/json', { 'sec-fetch-site': 'cross-site' }],
    ['application/vnd.api+json; x=y', { origin: 'null' }],
    ['text/plain', { origin: 'http://localhost:80' }],
    ['text/plain', { 'sec-fetch-site': 'same-origin' }],
    ['text/plain', { 'sec-fetch-site': 'none' }],
  ])('takes JSON as %s from %j', async (type, headers) => {
    const all = { 'content-type': type, host: 'localhost:80', ...headers };
    expect((await newTask('{"name":"x","done":true}', all)).statusCode).toBe(200);
  });

  it.each(['', 'json'])('takes JSON under the content type %j, which is none', async (type) => {
    expect((await newTask('{"name":"x","done":true}', { 'content-type': type })).statusCode).toBe(200);
  });

  it.each([
    ['a byte order mark', '\ufeff{"name":"marked","done":true}', 'marked'],
    ['blanks around it', ' \r\n\t{"name":"blanks","done":true}\n ', 'blanks'],
    ['both', '\ufeff \n{"name":"both","done":true}\n', 'both'],
    ['escapes', '{"n\\u0061me":"\\u00e9\\ud83d\\ude00","done":true}', 'é😀'],
    ['a key twice', '{"name":"first","done":true,"name":"last"}', 'last'],
    ['a key twice, the first bad', '{"name":1,"done":true,"name":"good"}', 'good'],
    ['a key __proto__', '{"__proto__":{"name":"bad"},"name":"own","done":true}', 'own'],
    ['an unknown key with NUL', '{"\\u0000":"\\u0000","name":"nul","done":true}', 'nul'],
    ['an unknown lone surrogate', '{"x":"\\ud800","name":"lone","done":true}', 'lone'],
    [
      'huge numbers it does not ask for',
      `{"x":1e999,"y":${'9'.repeat(1_000)},"name":"huge","done":true}`,
      'huge',
    ],
  ])('takes a body with %s', async (_what, payload, name) => {
    const created = await newTask(payload);
    expect(created.statusCode).toBe(200);
    const task = created.json<{ id: number }>();
    expect(task).toMatchObject({ name, done: true });
    expect((await test.app.inject(`/tasks/${task.id}`)).json()).toEqual(task);
  });

  it('takes the last of a key that comes twice, though it is bad', async () => {
    const places = faultyPlaces(await newTask('{"name":"good","done":true,"name":1,"done":"maybe"}'));
    expect(places).toEqual(['body.name', 'body.done']);
  });

  const TRUE = [
    'true',
    '1',
    '1.0',
    '"true"',
    '"True"',
    '"TRUE"',
    '"on"',
    '"ON"',
    '"yes"',
    '"Yes"',
    '"y"',
    '"Y"',
  ];
  const FALSE = [
    'false',
    '0',
    '-0',
    '0.0',
    '"false"',
    '"False"',
    '"off"',
    '"OFF"',
    '"no"',
    '"No"',
    '"n"',
    '"N"',
  ];
  it.each([
    ...[...TRUE, '"t"', '"T"', '"1"'].map((json) => [json, true] as const),
    ...[...FALSE, '"f"', '"F"', '"0"'].map((json) => [json, false] as const),
  ])('takes the boolean %s for %s', async (json, done) => {
    const created = (await newTask(`{"name":"x","done":${json}}`)).json<{ id: number }>();
    expect(created).toMatchObject({ done });
    expect((await test.app.inject(`/tasks/${created.id}`)).json()).toEqual(created);
  });

  it.each([
    ...['null', '2', '-1', '0.5', '1e400', '[]', '[true]', '{}', '""', '" "', '" true"', '"true "', '"truе"'],
    ...[
      '"2"',
      '"1.0"',
      '"00"',
      '"null"',
      '"yess"',
      '"enabled"',
      '"o n"',
      '"\\u0000"',
      '"ja"',
      '18446744073709551617',
    ],
  ])('takes no boolean from %s', async (json) => {
    const before = await tasks();
    const response = await newTask(`{"name":"x","done":${json}}`);
    expect(faultyPlaces(response)).toEqual(['body.done']);
    expect(problemIn(response).errors![0]!.type).toBe('bool_parsing');
    expect(await tasks()).toEqual(before);
  });

  it.each([
    ['null', 'string_type'],
    ['1', 'string_type'],
    ['1e999', 'string_type'],
    ['true', 'string_type'],
    ['false', 'string_type'],
    ['[]', 'string_type'],
    ['["x"]', 'string_type'],
    ['{}', 'string_type'],
    ['{"toString":"x"}', 'string_type'],
    ['"\\u0000"', 'string_unicode'],
    ['"a\\u0000b"', 'string_unicode'],
    ['"\\ud800"', 'string_unicode'],
    ['"\\udc00x"', 'string_unicode'],
    ['"\\udc00\\ud800"', 'string_unicode'],
  ])('takes no string from %s', async (json, type) => {
    const before = await tasks();
    const response = await newTask(`{"name":${json},"done":true}`);
    expect(faultyPlaces(response)).toEqual(['body.name']);
    expect(problemIn(response).errors![0]!.type).toBe(type);
    expect(await tasks()).toEqual(before);
  });

  it('says nothing of what was sent', async () => {
    const response = await newTask('{"name":["qwxyz-name"],"done":"qwxyz-done","qwxyz-key":1}', {
      ...JSON_TYPE,
      authorization: 'Bearer qwxyz-token',
      cookie: 'session=qwxyz-cookie',
    });
    expect(faultyPlaces(response)).toEqual(['body.name', 'body.done']);
    expect(response.body + JSON.stringify(response.headers)).not.toContain('qwxyz');
  });
});

describe.each(engines)('a small limit of the body on %s', (engine) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp(engine, { settings: { MAX_BODY_BYTES: '1024' } });
  });
  afterAll(() => test.close());

  it.each([
    [1_024, 200],
    [1_025, 413],
  ])('answers %i bytes with %i', async (size, status) => {
    const payload = `{"message":"${'x'.repeat(size - '{"message":""}'.length)}"}`;
    expect((await test.app.inject({ method: 'POST', url: '/log', payload })).statusCode).toBe(status);
  });

  it('counts bytes that come in pieces, without a length', async () => {
    await test.app.listen({ host: '127.0.0.1', port: 0 });
    async function* pieces() {
      yield Buffer.from('{"message":"');
      for (let n = 0; n < 200; n += 1) yield Buffer.alloc(10, 'x');
      yield Buffer.from('"}');
    }
    const url = `${await test.app.getUrl()}/log`;
    // The browser's types, which the JSX of pages brings along, know no such body.
    const options: object = { method: 'POST', body: pieces(), duplex: 'half' };
    const response = await fetch(url, options);
    expect(response.status).toBe(413);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  });
});

describe.each(engines)('faults on %s', (engine) => {
  @Controller()
  class ProbeController {
    @Post('probe/:user_id')
    probe(@Param() { user_id }: UserPathDto, @Query() page: PageDto, @Body() task: WriteTaskDto) {
      return { user_id, ...page, ...task };
    }

    @Get('failure')
    fail(): never {
      throw Object.assign(new Error('qwxyz: SELECT secret FROM users'), {
        query: 'qwxyz',
        statusCode: 'qwxyz',
      });
    }
  }

  @Module({ controllers: [ProbeController] })
  class ProbeModule {}

  let test: TestApp;
  beforeAll(async () => {
    test = await startApp(engine, {
      override: (builder) => builder.overrideModule(HomeModule).useModule(ProbeModule),
    });
  });
  afterAll(() => test.close());

  it('of path, query and body are told together, in this order', async () => {
    const url = '/probe/x?limit=-1&skip=y';
    const response = await test.app.inject({ method: 'POST', url, payload: { name: 1 } });
    expect(response.statusCode).toBe(422);
    const problem = problemIn(response);
    expect(problem).toMatchObject({
      type: 'urn:daybook:problem:validation-failed',
      title: 'Unprocessable Content',
      status: 422,
    });
    expect(problem.errors!.map(({ loc, type }) => [...loc, type])).toEqual([
      ['path', 'user_id', 'int_parsing'],
      ['query', 'skip', 'int_parsing'],
      ['query', 'limit', 'greater_than_equal'],
      ['body', 'name', 'string_type'],
      ['body', 'done', 'missing'],
    ]);
  });

  it('of a body that is no JSON are told with the others', async () => {
    const response = await test.app.inject({ method: 'POST', url: '/probe/x?limit=1001', payload: '{"name' });
    expect(faultyPlaces(response)).toEqual(['path.user_id', 'query.limit', 'body']);
  });

  it('are none where all is well', async () => {
    const payload = { name: 'x', done: 'off', skip: 9, user_id: 9 };
    const response = await test.app.inject({ method: 'POST', url: '/probe/+7?limit=3&user_id=8', payload });
    expect(response.json()).toEqual({ user_id: 7, skip: 0, limit: 3, name: 'x', done: false });
  });

  it('of our own say nothing of their cause', async () => {
    const response = await test.app.inject('/failure');
    expect(response.statusCode).toBe(500);
    expect(problemIn(response)).toMatchObject({
      type: 'urn:daybook:problem:internal-error',
      detail: 'Internal Server Error',
    });
    expect(response.body).not.toMatch(/qwxyz|SELECT|\.ts|stack/);
  });
});

describe.each(engines)('headers on %s', (engine) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp(engine);
    await fill(test);
  });
  afterAll(() => test.close());

  const REQUESTS = [
    { method: 'GET', url: '/', status: 200 },
    { method: 'GET', url: '/logs', status: 200 },
    { method: 'HEAD', url: '/tasks', status: 200 },
    { method: 'OPTIONS', url: '/tasks', status: 204 },
    { method: 'GET', url: '/docs', status: 200 },
    { method: 'GET', url: '/redoc', status: 200 },
    { method: 'GET', url: '/openapi.json', status: 200 },
    { method: 'GET', url: '/health/ready', status: 200 },
    { method: 'GET', url: '/tasks/x', status: 404 },
    { method: 'GET', url: '/nowhere', status: 404 },
    { method: 'PATCH', url: '/tasks', status: 405 },
    { method: 'POST', url: '/log', status: 422 },
  ] as const;

  it.each(REQUESTS)('$method $url gives back the id of the request', async ({ method, url, status }) => {
    const headers = { 'x-request-id': 'abc.DEF_1~2-3' };
    const response = await test.app.inject({ method, url, headers });
    expect(response.statusCode).toBe(status);
    expect(response.headers['x-request-id']).toBe('abc.DEF_1~2-3');
  });

  it.each(REQUESTS)('$method $url gets an id of its own', async ({ method, url }) => {
    const answers = [await test.app.inject({ method, url }), await test.app.inject({ method, url })];
    const ids = answers.map(({ headers }) => headers['x-request-id']);
    for (const id of ids) expect(id).toMatch(UUID);
    expect(new Set(ids).size).toBe(2);
  });

  it.each(['', ' ', 'a b', 'a/b', 'a\tb', '"x"', '{"level":"fatal"}', 'é', 'x'.repeat(129), '<script>'])(
    'gives no id such as %j back',
    async (id) => {
      const response = await test.app.inject({ url: '/nowhere', headers: { 'x-request-id': id } });
      expect(response.headers['x-request-id']).toMatch(UUID);
      expect(problemIn(response).instance).toBe(response.headers['x-request-id']);
    },
  );

  it('takes an id of 128 characters', async () => {
    const id = 'x'.repeat(128);
    const response = await test.app.inject({ url: '/nowhere', headers: { 'x-request-id': id } });
    expect(problemIn(response).instance).toBe(id);
  });

  const PAGES = ['/', '/docs', '/redoc'];
  const DATA = REQUESTS.filter(({ url }) => url === '/' || !PAGES.includes(url));

  it.each(DATA)('$method $url is answered with the security headers of data', async ({ method, url }) => {
    const { headers } = await test.app.inject({ method, url });
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers).not.toHaveProperty('strict-transport-security');
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).not.toHaveProperty('server');
  });

  it.each(PAGES)('%s is a page with the headers of a page', async (url) => {
    const { headers } = await test.app.inject({ url, headers: { accept: 'text/html' } });
    expect(headers).toMatchObject({
      'content-type': expect.stringMatching(/^text\/html/),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'referrer-policy': 'same-origin',
      'content-security-policy': expect.stringMatching(/default-src '(self|none)'/),
      'x-request-id': expect.stringMatching(UUID),
    });
    expect(headers['content-security-policy']).not.toContain('upgrade-insecure-requests');
    expect(headers).not.toHaveProperty('strict-transport-security');
  });

  it.each(REQUESTS)('$method $url lets no other origin in', async ({ method, url }) => {
    const { headers } = await test.app.inject({
      method,
      url,
      headers: { origin: 'https://app.example', 'access-control-request-method': 'POST' },
    });
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });
});

describe.each(engines)('CORS with an allow-list on %s', (engine) => {
  const ALLOWED = 'https://app.example';
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp(engine, { settings: { CORS_ORIGINS: `${ALLOWED}, http://localhost:5173/` } });
    await fill(test);
  });
  afterAll(() => test.close());

  it.each([
    ['/', 'text/html'],
    ['/', '*/*'],
    ['/search?q=len', 'text/html'],
    ['/search?q=len', 'application/json'],
    ['/search/len', 'text/html'],
    ['/search/len', 'application/json'],
    ['/search/nowhere', 'text/html'],
    ['/search/nowhere', 'application/json'],
    ['/search?limit=0', 'text/html'],
    ['/search?limit=0', 'application/json'],
  ])('tells caches that %s for %s varies with the origin too', async (url, accept) => {
    // The second is from the response cache, where the answer is kept.
    for (const origin of [ALLOWED, 'http://localhost:5173']) {
      const { headers } = await test.app.inject({ url, headers: { origin, accept } });
      expect(headers['access-control-allow-origin']).toBe(origin);
      expect(String(headers.vary).toLowerCase().split(', ').toSorted()).toEqual([
        'accept',
        'hx-request',
        'origin',
      ]);
    }
  });

  it.each([ALLOWED, 'http://localhost:5173'])('lets %s in', async (origin) => {
    const response = await test.app.inject({ url: '/notes/999', headers: { origin } });
    expect(response.statusCode).toBe(404);
    expect(response.headers['access-control-allow-origin']).toBe(origin);
    expect(response.headers['access-control-expose-headers']).toBe('X-Request-Id, X-Error');
    expect(response.headers.vary).toMatch(/\borigin\b/i);
    expect(response.headers).not.toHaveProperty('access-control-allow-credentials');
  });

  it.each(['https://evil.example', 'https://app.example.evil.example', 'http://app.example', 'null'])(
    'does not let %s in',
    async (origin) => {
      const response = await test.app.inject({ url: '/tasks', headers: { origin } });
      expect(response.headers).not.toHaveProperty('access-control-allow-origin');
      const preflight = await test.app.inject({
        method: 'OPTIONS',
        url: '/tasks',
        headers: { origin, 'access-control-request-method': 'POST' },
      });
      expect(preflight.headers).not.toHaveProperty('access-control-allow-origin');
    },
  );

  it.each([
    ['/tasks', 'POST'],
    ['/tasks/1', 'PUT'],
    ['/tasks/1', 'DELETE'],
    ['/notes/1/', 'PUT'],
    ['/users/1/items/', 'POST'],
  ])('answers the preflight for %s %s', async (url, method) => {
    const response = await test.app.inject({
      method: 'OPTIONS',
      url,
      headers: {
        origin: ALLOWED,
        'access-control-request-method': method,
        'access-control-request-headers': 'content-type, x-request-id',
      },
    });
    expect(response.statusCode).toBe(204);
    expect(response.headers['access-control-allow-origin']).toBe(ALLOWED);
    expect(response.headers['access-control-allow-methods']).toContain(method);
    expect(response.headers['access-control-allow-headers']).toMatch(/content-type/i);
    expect(response.body).toBe('');
  });

  it.each([
    [ALLOWED, 200],
    ['http://localhost:5173', 200],
    ['https://evil.example', 415],
  ])('answers JSON as a form from %s with %i', async (origin, status) => {
    const headers = { origin, 'content-type': 'application/x-www-form-urlencoded' };
    const payload = '{"text":"Test","completed":"false"}';
    expect((await test.app.inject({ method: 'POST', url: '/notes', payload, headers })).statusCode).toBe(
      status,
    );
  });

  it.each(routes)('OPTIONS $path without an origin answers 204 and names the methods', async (route) => {
    const response = await test.app.inject({ method: 'OPTIONS', url: pathWith(route.path, 1) });
    expect(response.statusCode).toBe(204);
    expect(response.headers.allow).toBe(allowOf(route));
  });

  it.each(routes)('PATCH $path is 405 still', async (route) => {
    const response = await test.app.inject({
      method: 'PATCH',
      url: pathWith(route.path, 1),
      headers: { origin: ALLOWED },
    });
    expect(response.statusCode).toBe(405);
    expect(response.headers.allow).toBe(allowOf(route));
    expect(response.headers['access-control-allow-origin']).toBe(ALLOWED);
    expect(problemIn(response).detail).toBe('Method Not Allowed');
  });

  it.each(['GET', 'POST', 'OPTIONS', 'PROPFIND'])('%s of an unknown path is 404 still', async (method) => {
    const response = await test.app.inject({ method: method as 'GET', url: '/nowhere' });
    expect(response.statusCode).toBe(404);
    expect(problemIn(response).detail).toBe('Not Found');
    expect(response.headers).not.toHaveProperty('allow');
  });
});

describe.each(engines)('what comes over a socket on %s', (engine) => {
  let test: TestApp;
  let port: number;
  beforeAll(async () => {
    test = await startApp(engine);
    await test.app.listen({ host: '127.0.0.1', port: 0 });
    port = Number(new URL(await test.app.getUrl()).port);
  });
  afterAll(() => test.close());

  /** Sends these bytes and gives the answer's head and body. */
  async function talk(bytes: string): Promise<[head: string, body: string]> {
    const socket = connect(port, '127.0.0.1');
    socket.write(bytes);
    const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n', 2);
    return [head, body];
  }

  it.each([
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['another protocol', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['a header without a colon', 'GET / HTTP/1.1\r\nHost: x\r\nbroken\r\n\r\n', 400],
    ['NUL in a header', 'GET / HTTP/1.1\r\nHost: x\r\nX-Request-Id: a\x00b\r\n\r\n', 400],
    ['two lengths', 'POST /log HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}', 400],
    [
      'a length and chunks',
      'POST /log HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}',
      400,
    ],
    ['a negative length', 'POST /log HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n', 400],
    ['a head of 64 KiB', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(65_536)}\r\n\r\n`, 431],
    ['a URL of 64 KiB', `GET /${'x'.repeat(65_536)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
  ])('answers %s with a problem', async (_what, bytes, status) => {
    const [head, body] = await talk(bytes);
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(head).toMatch(/\r\ncontent-type: application\/problem\+json/i);
    const problem = JSON.parse(body);
    expect(problem).toEqual({
      type: expect.stringMatching(/^urn:daybook:problem:/),
      title: expect.any(String),
      status,
      detail: expect.any(String),
      instance: /\r\nx-request-id: (\S+)/i.exec(head)?.[1],
    });
    expect((await fetch(`http://127.0.0.1:${port}/info`)).status).toBe(200);
  });

  it.each(['http://x/info', 'http://x/info?y=1'])('serves the absolute URL %s', async (url) => {
    const [head, body] = await talk(`GET ${url} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(head).toMatch(/^HTTP\/1\.1 200 /);
    expect(body).toBe('"nestjs"');
  });

  it('names the methods of an absolute URL', async () => {
    const [head] = await talk('PATCH http://x/info?y HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 405 /);
    expect(head.toLowerCase()).toContain('\r\nallow: get, head, options\r\n');
  });

  it.each([
    ['/', 200, 'application/json'],
    ['/logs', 200, 'application/json'],
    ['/tasks/', 200, 'application/json'],
    ['/tasks/1', 404, 'application/problem+json'],
    ['/notes/1', 404, 'application/problem+json'],
    ['/users/x', 422, 'application/problem+json'],
    ['/notes?take=x', 422, 'application/problem+json'],
    ['/nowhere', 404, 'application/problem+json'],
    ['/log', 405, 'application/problem+json'],
  ])('sends no body with HEAD %s', async (url, status, type) => {
    const [head, body] = await talk(`HEAD ${url} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(head.toLowerCase()).toContain(`\r\ncontent-type: ${type}`);
    expect(body).toBe('');
  });

  it('stands a client that leaves before its answer', async () => {
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const socket = connect(port, '127.0.0.1');
        const body = '{"message":"gone"}';
        const head = `POST /log HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`;
        await new Promise<void>((resolve) => socket.write(head + body, () => resolve()));
        socket.destroy();
      }),
    );
    expect((await fetch(`http://127.0.0.1:${port}/logs`)).status).toBe(200);
  });
});
