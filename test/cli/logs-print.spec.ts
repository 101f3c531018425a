import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { LogEntry } from '../../src/logs/log-entry.entity.js';
import { startApp, type TestApp } from '../support/app.js';
import { engines } from '../support/databases.js';
import { insertRows } from '../support/rows.js';

const COMMAND = new URL('../../dist/daybook.js', import.meta.url).pathname;

describe.each(engines)('daybook logs print on %s', (engine) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp(engine);
    await insertRows(
      test,
      LogEntry,
      ['one', 'Two\u001b[31m\nlines', 'three'].map((message, n) => ({
        message,
        timestamp: `2026-01-01T0${n}:00:00.000Z`,
      })),
    );
  });
  afterAll(() => test.close());

  const start = (...args: string[]) =>
    spawn(process.execPath, [COMMAND, 'logs', 'print', ...args], {
      cwd: tmpdir(),
      env: { PATH: process.env.PATH, DATABASE_URL: test.databaseUrl },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const run = async (...args: string[]) => {
    const child = start(...args);
    const [output, errors, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    return { output, errors, code: code as number };
  };
  const add = (message: string) => test.app.inject({ method: 'POST', url: '/log', payload: { message } });

  it('shows a table, the newest last, whose text commands no terminal', async () => {
    const { output, errors, code } = await run();
    expect([code, errors]).toEqual([0, '']);
    expect(output).toBe(
      'ID          TIMESTAMP                 MESSAGE\n' +
        '1           2026-01-01T00:00:00.000Z  one\n' +
        '2           2026-01-01T01:00:00.000Z  Two\\x1b[31m⏎lines\n' +
        '3           2026-01-01T02:00:00.000Z  three\n',
    );
  });

  it('shows the newest of those that fit', async () => {
    const [newest, all, found, none] = await Promise.all([
      run('--json', '--limit', '2'),
      run('--json', '--limit', `${Number.MAX_SAFE_INTEGER}`),
      run('--json', '--limit', '1', '--grep', 'tWo', '--since', '2026-01-01', '--until', '2026-01-01T02:00Z'),
      run('--json', '--since', '1h'),
    ]);
    const idsOf = ({ output }: { output: string }) =>
      output
        .split('\n')
        .slice(0, -1)
        .map((line) => (JSON.parse(line) as LogEntry).id);
    expect([newest, all, found, none].map(idsOf)).toEqual([[2, 3], [1, 2, 3], [2], []]);
  });

  it.each([
    [['--since', 'yesterday'], 'since: Input should be a date-time'],
    [['--limit', '0'], 'It must be 1 or more.'],
    [['--follow', '--until', '1h'], '--follow goes on for ever: leave out --until.'],
  ])('refuses %j in one sentence', async (args, sentence) => {
    const { output, errors, code } = await run(...args);
    expect([output, code]).toEqual(['', 1]);
    expect(errors).toContain(sentence);
    expect(errors.trim().split('\n')).toHaveLength(1);
  });

  it('follows what another process adds, until it is interrupted', async () => {
    const child = start('--follow', '--limit', '1', '--grep', 'E');
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const next = async () => ((await lines.next()) as { value: string }).value;
    expect(await next()).toMatch(/^ID/);
    expect(await next()).toMatch(/^3 {11}.* {2}three$/);
    await add('not this');
    await add('this one');
    expect(await next()).toMatch(/^5 {11}.* {2}this one$/);
    await add('and this one');
    expect(await next()).toMatch(/ {2}and this one$/);
    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([130, null]);
  });

  it('ends without a failure when nobody reads any more', async () => {
    await insertRows(
      test,
      LogEntry,
      Array.from({ length: 20_000 }, () => ({
        message: 'x'.repeat(100),
        timestamp: '2026-01-01T00:00:00.000Z',
      })),
    );
    const child = start();
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const [errors, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    expect([code, errors]).toEqual([0, '']);
  });
});
