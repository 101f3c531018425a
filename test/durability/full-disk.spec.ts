import type BetterSqlite3 from 'better-sqlite3';
import { getDataSourceToken } from '@nestjs/typeorm';
import { connectionOf } from '../../src/database/typeorm-internals.js';
import { startApp, type TestApp } from '../support/app.js';

describe('a full disk on SQLite', () => {
  let test: TestApp;
  let database: BetterSqlite3.Database;

  beforeAll(async () => {
    test = await startApp('sqlite');
    database = connectionOf(test.app.get(getDataSourceToken()));
  });
  afterAll(() => test.close());

  const post = (message: string) => test.app.inject({ method: 'POST', url: '/log', payload: { message } });
  const kept = async () =>
    (await test.app.inject('/logs'))
      .json<{ logs: { message: string }[] }>()
      .logs.map(({ message }) => message);

  it('is 503 for what does not fit, keeps what was acknowledged, and is over when there is room', async () => {
    const pages = database.pragma('page_count', { simple: true }) as number;
    // SQLite's own limit gives the error that a full disk gives.
    database.pragma(`max_page_count = ${pages + 5}`);
    const big = 'x'.repeat(100_000);
    const answers = await Promise.all(['a', 'b', big, 'c', big, 'd'].map(post));
    // It makes SQLite roll back the units beside it, too: they are run again.
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 503, 200, 503, 200]);
    expect(answers[2]?.headers['retry-after']).toBe('1');
    expect(await kept()).toEqual(['a', 'b', 'c', 'd']);

    database.pragma('max_page_count = 1000000');
    expect((await post(big)).statusCode).toBe(200);
    expect(await kept()).toEqual(['a', 'b', 'c', 'd', big]);
  });
});
