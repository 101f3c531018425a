import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { diagnose } from '../../src/checks/diagnose.js';
import type { Finding } from '../../src/checks/finding.js';
import { verifyDatabase } from '../../src/checks/verify-database.js';
import { openWriter } from '../../src/storage/open-for-command.js';
import { inject } from 'vitest';
import { createDatabase, databaseConfig, engines, type TestDatabase } from '../support/databases.js';
import { freePort } from '../support/postgres.server.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = temporaryFolder();

const examine = (environment: Record<string, string>): Promise<Finding[]> =>
  diagnose({ SEARCH_FILE: inject('searchFile'), ...environment });
const of = (check: string, findings: Finding[]): Finding | undefined =>
  findings.find((finding) => finding.check === check);

describe.each(engines)('doctor and verify on %s', (engine) => {
  let database: TestDatabase;
  const query = async (sql: string): Promise<void> => {
    const writer = await openWriter(databaseConfig(database.url));
    await writer.query(sql).finally(() => writer.destroy());
  };
  const verify = () => verifyDatabase(databaseConfig(database.url));
  beforeEach(async () => {
    database = await createDatabase(engine);
  });
  afterEach(() => database.drop());

  it('make no database, and no tables in an empty one', async () => {
    const findings = await examine({ DATABASE_URL: database.url });
    const [check, text] =
      engine === 'sqlite'
        ? (['database', /^there is no .*: the first start makes it$/] as const)
        : (['migrations', /is empty, and the first start makes the tables$/] as const);
    expect(of(check, findings)).toMatchObject({ status: 'warn', text: expect.stringMatching(text) });
    expect(findings.filter(({ status }) => status === 'fail')).toEqual([]);
    expect((await verify())[engine === 'sqlite' ? 0 : 1]).toMatchObject({ status: 'fail' });
    expect(await examine({ DATABASE_URL: database.url })).toHaveLength(findings.length);
  });

  it('find nothing where all is well', async () => {
    await query(`INSERT INTO notes (text, completed) VALUES ('x', true)`);
    if (engine === 'sqlite') await chmod(databaseConfig(database.url).file, 0o600);
    const findings = await examine({ DATABASE_URL: database.url });
    expect(findings.filter(({ status }) => status !== 'ok')).toEqual([]);
    expect(findings.map(({ check }) => check)).toEqual([
      ...['version', 'node', 'settings', 'database', 'migrations', 'clock'],
      ...(engine === 'sqlite' ? ['permissions', 'disk'] : []),
      'search',
    ]);
    const verified = await verify();
    expect(verified.filter(({ status }) => status !== 'ok')).toEqual([]);
    expect(of('notes', verified)?.text).toBe('1 rows');
  });

  it('tell of a schema that is newer', async () => {
    await query(`INSERT INTO migrations (timestamp, name) VALUES (9999999999999, 'FromTheFuture9')`);
    const newer = { check: 'migrations', status: 'fail', text: expect.stringContaining('FromTheFuture9') };
    expect(of('migrations', await examine({ DATABASE_URL: database.url }))).toEqual(newer);
    expect(of('migrations', await verify())).toEqual(newer);
  });

  it('tell of a clock that is before the last entry', async () => {
    await query(`INSERT INTO logs (message, timestamp) VALUES ('x', '2999-01-01T00:00:00.000Z')`);
    expect(of('clock', await examine({ DATABASE_URL: database.url }))).toMatchObject({
      status: 'warn',
      text: 'it is before the last log entry, of 2999-01-01T00:00:00.000Z: set it by NTP',
    });
  });

  it('tell of an id that would be given again', async () => {
    await query(`INSERT INTO notes (id, text, completed) VALUES (5, 'x', true)`);
    await query(
      engine === 'sqlite'
        ? `UPDATE sqlite_sequence SET seq = 3 WHERE name = 'notes'`
        : `SELECT setval(pg_get_serial_sequence('notes', 'id'), 3)`,
    );
    expect(of('notes', await verify())).toMatchObject({ status: 'fail' });
  });

  it('tell of rows that refer to nothing', async () => {
    const writer = await openWriter(databaseConfig(database.url));
    const runner = writer.createQueryRunner();
    await runner.query(
      engine === 'sqlite' ? 'PRAGMA foreign_keys = OFF' : 'SET session_replication_role = replica',
    );
    await runner.query(`INSERT INTO items (title, owner_id) VALUES ('x', 99)`);
    await runner.release();
    await writer.destroy();
    expect(of('references', await verify())).toEqual({
      check: 'references',
      status: 'fail',
      text: '1 rows refer to one that is not there: items 1',
    });
  });

  it('tell of a table that is missing', async () => {
    await query('DROP TABLE notes');
    expect(of('notes', await verify())).toMatchObject({ status: 'fail', text: 'the table is missing' });
  });
});

describe('doctor', () => {
  const url = () => `sqlite:${join(folder(), 'doctor.sqlite')}`;

  it('tells all settings that cannot be used, and no password', async () => {
    const findings = await examine({
      DATABASE_URL: 'mysql://me:secret@db/x',
      PORT: 'eighty',
      WORKERS: '0',
      CORS_ORIGINS: '*',
      LOG_LEVEL: 'loud',
    });
    const faults = findings.filter(({ status }) => status === 'fail').map(({ text }) => text);
    expect(faults.map((text) => text.split(' ')[1]).toSorted()).toEqual([
      ...['CORS_ORIGINS', 'DATABASE_URL', 'LOG_LEVEL', 'PORT', 'WORKERS'],
    ]);
    expect(JSON.stringify(findings)).not.toContain('secret');
  });

  it('tells of a file that everybody may read or write, and of one that is no database', async () => {
    await writeFile(join(folder(), 'doctor.sqlite'), 'Dear diary. '.repeat(500));
    await chmod(join(folder(), 'doctor.sqlite'), 0o644);
    const read = await examine({ DATABASE_URL: url() });
    expect(of('permissions', read)).toMatchObject({
      status: 'warn',
      text: expect.stringContaining('chmod 600'),
    });
    expect(of('database', read)).toMatchObject({
      status: 'fail',
      text: expect.stringContaining('it is not an SQLite database'),
    });
    await chmod(join(folder(), 'doctor.sqlite'), 0o666);
    expect(of('permissions', await examine({ DATABASE_URL: url() }))?.status).toBe('fail');
  });

  it('tells of another database than ours', async () => {
    const other = new Database(join(folder(), 'other.sqlite'));
    other.exec('CREATE TABLE cats (name text)');
    other.close();
    const findings = await examine({ DATABASE_URL: `sqlite:${join(folder(), 'other.sqlite')}` });
    expect(of('migrations', findings)?.text).toMatch(/has tables of something else/);
  });

  it('tells of a server that does not answer, and of a search without a snapshot', async () => {
    const findings = await examine({
      DATABASE_URL: `postgres://me:secret@127.0.0.1:${await freePort()}/x`,
      SEARCH_FILE: join(folder(), 'none'),
    });
    expect(of('database', findings)).toMatchObject({
      status: 'fail',
      text: expect.stringMatching(/^No PostgreSQL answers at postgres:\/\/me@127/),
    });
    expect(of('search', findings)).toMatchObject({
      status: 'warn',
      text: expect.stringContaining('docs:build'),
    });
  });

  it('leaves nothing behind', async () => {
    await mkdir(join(folder(), 'empty'));
    await examine({ DATABASE_URL: `sqlite:${join(folder(), 'empty', 'none.sqlite')}` });
    expect(await readdir(join(folder(), 'empty'))).toEqual([]);
  });
});

it('doctor tells of a log whose database is gone', async () => {
  const database = await createDatabase('sqlite');
  await writeFile(`${databaseConfig(database.url).file}-wal`, '');
  expect(of('database', await examine({ DATABASE_URL: database.url }))).toMatchObject({
    status: 'fail',
    text: expect.stringMatching(/^there is no .*, but its .*-wal: stop Daybook/),
  });
  await database.drop();
});
