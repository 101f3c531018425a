import { open, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { type Command, CommanderError } from 'commander';
import { program } from '../../src/cli/run.js';
import { openWriter } from '../../src/storage/open-for-command.js';
import { BIN, daybook, daybookHere, spawnDaybook } from '../support/command.js';
import { createDatabase, databaseConfig, engines, type TestDatabase } from '../support/databases.js';
import { exportedLines, exportOf } from '../support/exports.js';
import { fillDatabase } from '../support/full-database.js';
import { mountSmallDisk } from '../support/small-disk.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = temporaryFolder();

const withSubcommands = (command: Command): Command[] => [
  command,
  ...command.commands.flatMap(withSubcommands),
];

describe.each(engines)('daybook on %s', (engine) => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createDatabase(engine);
  });
  afterEach(() => database.drop());
  const run = (args: string[], input?: string) => daybookHere(args, { DATABASE_URL: database.url }, input);

  it('adds and lists, for people and for scripts', async () => {
    expect(await run(['notes', 'add', 'Buy milk\n\u001b[2Jand bread'])).toEqual({
      code: 0,
      out: 'Note 1 is added.\n',
      error: '',
    });
    const added = [
      await run(['notes', 'add', 'Call home', '--completed', '--json']),
      await run(['tasks', 'add', 'Water the plants']),
      await run(['users', 'add', 'a@example.com', '--json'], 'swordfish\n'),
      await run(['logs', 'add', 'The backup is done']),
    ];
    expect(added.map(({ code, error }) => [code, error])).toEqual(Array(4).fill([0, '']));
    expect(added.map(({ out }) => out)).toEqual([
      '{"id":2,"text":"Call home","completed":true}\n',
      'Task 1 is added.\n',
      '{"email":"a@example.com","id":1,"is_active":true,"items":[]}\n',
      'Log entry created.\n',
    ]);

    const notes = await run(['notes', 'list']);
    const first = await run(['notes', 'list', '--limit', '1', '--json']);
    const tasks = await run(['tasks', 'list']);
    const users = await run(['users', 'list']);
    const again = await run(['users', 'add', 'A@EXAMPLE.com'], 'swordfish');
    // What could command a terminal is shown.
    expect(notes).toEqual({
      code: 0,
      out: 'ID  COMPLETED  TEXT\n1   false      Buy milk⏎\\x1b[2Jand bread\n2   true       Call home\n',
      error: '',
    });
    expect(JSON.parse(first.out)).toHaveLength(1);
    expect(first.error).toBe('These are the first 1: see --limit.\n');
    expect(tasks.out).toBe('ID  DONE   NAME\n1   false  Water the plants\n');
    expect(users.out).toBe('ID  ACTIVE  ITEMS  EMAIL\n1   true    0      a@example.com\n');
    expect(again).toEqual({ code: 1, out: '', error: 'Email already registered\n' });
  });

  it('deletes log entries that are not kept, unless the clock has jumped', async () => {
    const sweep = (...args: string[]) =>
      daybookHere(['logs', 'sweep', ...args], { DATABASE_URL: database.url, LOG_RETENTION_DAYS: '7' });
    const setBack = async (column: 'logs SET timestamp' | 'log_sweeps SET swept_at', days: number) => {
      const writer = await openWriter(databaseConfig(database.url));
      const time = new Date(Date.now() - days * 86_400_000).toISOString();
      await writer.query(`UPDATE ${column} = '${time}'`).finally(() => writer.destroy());
    };
    await run(['logs', 'add', 'The backup is done']);
    await setBack('logs SET timestamp', 8);
    expect(await sweep()).toEqual({
      code: 0,
      out: expect.stringMatching(
        /^0 entries are deleted. This is the first sweep of log entries: it notes the time/,
      ),
      error: '',
    });
    expect(await sweep()).toEqual({ code: 0, out: '1 entries are deleted.\n', error: '' });
    expect((await sweep('--json')).out).toBe('{"deleted":0,"heldUntil":null}\n');

    await run(['logs', 'add', 'The backup is done']);
    await setBack('logs SET timestamp', 400);
    await setBack('log_sweeps SET swept_at', 400);
    const held = await sweep('--json');
    expect(held).toMatchObject({ code: 1, error: expect.stringContaining('deletes nothing before 20') });
    expect(JSON.parse(held.out)).toEqual({ deleted: 0, heldUntil: expect.stringMatching(/Z$/) });
    expect(await sweep('--force', '--json')).toMatchObject({
      code: 0,
      out: '{"deleted":1,"heldUntil":null}\n',
    });
    expect(await run(['logs', 'sweep'])).toMatchObject({
      code: 1,
      error: 'All entries are kept: LOG_RETENTION_DAYS and LOG_RETENTION_ROWS are not set.\n',
    });
  });

  it('exports, imports and verifies', async () => {
    await fillDatabase(database.url);
    const file = join(folder(), `${engine}.ndjson.gz`);
    const exported = await run(['export', '--out', file, '--json']);
    expect(exported).toMatchObject({ code: 0, error: '' });
    expect(JSON.parse(exported.out)).toMatchObject({ file, rows: { notes: 6, items: 6 } });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const other = await createDatabase(engine === 'sqlite' ? 'postgres' : 'sqlite');
    const again = await run(['export', '--out', file]);
    const piped = await daybook(['export', '--out', '-'], { DATABASE_URL: database.url });
    const imported = await daybookHere(['import', file, '--json'], { DATABASE_URL: other.url });
    expect(again).toEqual({
      code: 1,
      out: '',
      error: `${file} is there already: name another file, or replace it with --force.\n`,
    });
    expect(piped.out.split('\n').slice(0, -1)).toEqual(await exportedLines(database.url));
    expect(imported).toMatchObject({ code: 0, error: '' });
    expect(await exportedLines(other.url)).toEqual(await exportedLines(database.url));
    await other.drop();
    const verified = await run(['verify']);
    expect(verified).toMatchObject({ code: 0, error: '' });
    expect(verified.out).toMatch(/^ok\s+notes\s+6 rows$/m);
  });

  it('exports what can be read, and tells with its exit code that there is more', async () => {
    await fillDatabase(database.url);
    const writer = await openWriter(databaseConfig(database.url));
    const quotes = engine === 'sqlite' ? `x'00'` : `repeat('"', 34000000)`;
    await writer.query(`UPDATE notes SET text = ${quotes} WHERE id = 3`);
    await writer.destroy();
    const file = join(folder(), `${engine}-less.ndjson`);
    const exported = await run(['export', '--out', file, '--json']);
    expect(exported.code).toBe(1);
    expect(JSON.parse(exported.out)).toMatchObject({ file, rows: { notes: 5, items: 6 } });
    expect(exported.error).toMatch(
      /^notes 3: (text is not what it must be|it is larger than .* as JSON)\nRows that cannot be read, and are left out: 1\.\n$/,
    );
  });

  it('leaves the database as it was when an import is killed', async () => {
    const rows = Array.from({ length: 150_000 }, (_, index) => [index + 1, `Message ${index}`, true]);
    const file = join(folder(), `${engine}-killed.ndjson`);
    await writeFile(file, exportOf({ tasks: { columns: ['id', 'name', 'done'], lastId: 1, rows } }));
    // On a busy machine it may be done before it is killed, and is tried once more.
    let left: unknown[] = rows;
    while (left.length >= rows.length) left = await tasksAfterKill(file);
    expect(left).toEqual([{ id: 1, name: 'first' }]);
  });

  /** Kills an import into an empty database while it writes, and adds a task. Answers all tasks. */
  async function tasksAfterKill(file: string): Promise<unknown[]> {
    const other = await createDatabase(engine);
    const writer = await openWriter(databaseConfig(other.url));
    const child = spawnDaybook(['import', file], { DATABASE_URL: other.url });
    // Rows are on their way: PostgreSQL's table grows, or SQLite's log does, before anything is committed.
    const hasBegun = async (): Promise<boolean> => {
      if (engine === 'sqlite') return (await stat(`${databaseConfig(other.url).file}-wal`)).size > 1_000_000;
      const [found] = await writer.query<[{ size: string }]>(`SELECT pg_relation_size('tasks') AS size`);
      return Number(found.size) > 1_000_000;
    };
    while (child.exitCode === null && !(await hasBegun())) await nextTurn();
    child.kill('SIGKILL');
    await child.result;
    await writer.query(`INSERT INTO tasks (name, done) VALUES ('first', true)`);
    const tasks = await writer.query<unknown[]>('SELECT id, name FROM tasks');
    await writer.destroy();
    await other.drop();
    return tasks;
  }
});

describe('daybook', () => {
  it('says what it can do, and what was wrong', async () => {
    const environment = { DATABASE_URL: `sqlite:${join(folder(), 'none.sqlite')}` };
    const [help, wrong, limit] = await Promise.all([
      daybook(['--help'], environment),
      daybook(['nots'], environment),
      daybook(['notes', 'list', '--limit', '0'], environment),
    ]);
    const faults = await daybookHere(['users', 'add', 'nobody'], environment, 'x');
    const verify = await daybookHere(['verify', join(folder(), 'nothing')], environment);
    const settings = await daybookHere(['doctor'], {
      DATABASE_URL: 'mysql://me:secret@db/x',
      PORT: 'eighty',
    });
    expect(help.code).toBe(0);
    // For npx, also before the first build.
    expect((await stat(BIN)).mode & 0o111).toBe(0o111);
    for (const command of [
      'logs',
      'tasks',
      'users',
      'notes',
      'export',
      'import',
      'backup',
      'restore',
      'verify',
      'doctor',
    ]) {
      expect(help.out).toMatch(new RegExp(`^  ${command} .*  [a-z]`, 'm'));
    }
    expect(wrong).toMatchObject({ code: 1, out: '', error: expect.stringContaining('Did you mean notes?') });
    expect(limit).toMatchObject({ code: 1, error: expect.stringContaining('It must be 1 or more.') });
    expect(faults).toEqual({
      code: 1,
      out: '',
      error:
        'email: value is not a valid email address\npassword: String should have at least 6 characters\n',
    });
    expect(verify.code).toBe(1);
    expect(verify.out).toMatch(/^fail {2}database {2}There is no file .*nothing\n$/);
    expect(settings.code).toBe(1);
    expect(settings.out).toMatch(/^fail +settings +Setting PORT must be a whole number/m);
    expect(settings.out).toMatch(/^fail +settings +Setting DATABASE_URL must begin with/m);
    expect(settings.out).not.toContain('secret');
  });

  it('tells in a sentence what cannot be used', async () => {
    const database = await createDatabase('sqlite');
    const environment = { DATABASE_URL: database.url };
    await (await openWriter(databaseConfig(database.url))).destroy();
    const file = databaseConfig(database.url).file;
    const hostile = join(folder(), 'hostile.ndjson');
    await writeFile(hostile, exportOf({ '\u001b[2J': { columns: [], rows: [] } }));
    const plain = join(folder(), 'plain.ndjson');
    await writeFile(plain, exportOf({}));
    const long = join(folder(), 'x'.repeat(250));
    for (const [args, sentence] of [
      [['import', hostile], `${hostile}: line 2 is of a table that this Daybook does not have: \\x1b[2J.`],
      [['import', plain], undefined],
      [['backup', file, '--force'], `${file} is the database itself or belongs to it: name another file.`],
      [
        ['export', '--out', `${file}-wal`, '--force'],
        `${file}-wal is the database itself or belongs to it: name another file.`,
      ],
      [['restore', folder(), '--force'], `${folder()} is not a file.`],
      [
        ['restore', join(plain, 'x'), '--force'],
        `${join(plain, 'x')} cannot be opened: a part of the path is a file and not a folder.`,
      ],
      [['verify', `${folder()}/`], undefined],
      [['export', '--out', long], `${long} cannot be written: its name is too long.`],
      [['export', '--out', '-', '--force'], '--out - is standard output: leave out --force and --json.'],
      [['export', '--out', '-', '--json'], '--out - is standard output: leave out --force and --json.'],
    ] as const) {
      const { code, out, error } = await daybookHere(args, environment);
      if (args[0] === 'verify')
        expect([code, out]).toEqual([1, `fail  database  ${folder()} is not a file\n`]);
      else if (sentence === undefined) {
        expect([code, out, error]).toEqual([0, `No rows added to ${database.url}.\n`, '']);
      } else expect([code, out, error]).toEqual([1, '', `${sentence}\n`]);
    }
    const folderUrl = await daybookHere(['restore', plain, '--force'], {
      DATABASE_URL: `sqlite:${folder()}`,
    });
    expect(folderUrl).toEqual({ code: 1, out: '', error: `${folder()} is there, and is not a file.\n` });
    await database.drop();
  });

  it.each([
    ['backup', ''],
    ['restore', ''],
    ['import', ''],
    ['verify', ''],
    ['verify', ':memory:'],
    ['export', '--out='],
    ['tasks', 'export', '--out='],
  ])('refuses a name that is none: %s %s', (...args) => {
    const said: string[] = [];
    const command = program();
    for (const one of withSubcommands(command)) {
      one.exitOverride().configureOutput({ writeErr: (text) => void said.push(text) });
    }
    expect(() =>
      command.parse(
        args.filter((one) => one !== undefined),
        { from: 'user' },
      ),
    ).toThrow(CommanderError);
    expect(said.join('')).toContain('It must be the name of a file or folder.');
  });

  it('tells with each command what it is for', () => {
    const help = (name: string) => {
      let text = '';
      const command = program().commands.find((one) => one.name() === name);
      command?.configureOutput({ writeOut: (part) => void (text += part) }).outputHelp();
      return text.replaceAll(/\s+/g, ' ');
    };
    expect(help('backup')).toContain('For SQLite; PostgreSQL has pg_dump, see docs/operations.md.');
    expect(help('restore')).toContain('For SQLite; PostgreSQL has pg_restore, see docs/operations.md.');
    expect(help('restore')).toContain('stop the service first');
  });

  it('fails where standard output does, and where the reader of an export goes away', async () => {
    const database = await createDatabase('sqlite');
    const environment = { DATABASE_URL: database.url };
    await fillDatabase(database.url);
    const full = await open('/dev/full', 'w');
    const gone = (args: string[]) => {
      const child = spawnDaybook(args, environment);
      child.stdout?.destroy();
      return child.result;
    };
    const [exported, listed, broken, early] = await Promise.all([
      spawnDaybook(['export', '--out', '-'], environment, full.fd).result,
      spawnDaybook(['notes', 'list'], environment, full.fd).result,
      gone(['export', '--out', '-']),
      gone(['notes', 'list']),
    ]);
    await full.close();
    const failed = (reason: string) => ({
      code: 1,
      out: '',
      error: `Standard output cannot be written: ${reason}.\n`,
    });
    expect(exported).toEqual(failed('the disk is full'));
    expect(listed).toEqual(failed('the disk is full'));
    expect(broken).toEqual(failed('what reads it has ended'));
    expect(early).toEqual({ code: 0, out: '', error: '' });
    await database.drop();
  });

  it('puts away what it has half written when Ctrl-C ends it', async () => {
    const config = databaseConfig(`sqlite:${join(folder(), 'long.sqlite')}`);
    await (await openWriter(config)).destroy();
    const database = new Database(config.file);
    database.exec(
      `INSERT INTO notes (text, completed) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400000)
       SELECT 'Note ' || i, 1 FROM n`,
    );
    database.close();
    const child = spawnDaybook(['export', '--out', join(folder(), 'long.ndjson')], {
      DATABASE_URL: config.url,
    });
    const size = async () => {
      const name = (await readdir(folder())).find((one) => /^\.long\.ndjson\..*\.tmp$/.test(one));
      return name === undefined ? 0 : (await stat(join(folder(), name))).size;
    };
    while (child.exitCode === null && (await size()) === 0) await nextTurn();
    child.kill('SIGINT');
    expect(await child.result).toEqual({ code: 130, out: '', error: 'Interrupted: nothing was changed.\n' });
    expect((await readdir(folder())).filter((name) => name.includes('long.ndjson'))).toEqual([]);
  });
});

const disk = mountSmallDisk(1_024);

// Only who may mount a disk can have one that is soon full.
describe.runIf(disk)('daybook on a small disk', () => {
  afterAll(() => disk?.remove());

  it('says that the disk is full, and leaves what was there', async () => {
    const here = disk?.folder ?? '';
    const environment = { DATABASE_URL: `sqlite:${join(folder(), 'full.sqlite')}` };
    await (await openWriter(databaseConfig(environment.DATABASE_URL))).destroy();
    const database = new Database(join(folder(), 'full.sqlite'));
    database.exec(`INSERT INTO notes (text, completed) VALUES ('${'x'.repeat(2_000_000)}', 1)`);
    database.close();
    await writeFile(join(here, 'old'), 'old');
    const file = join(folder(), 'full.ndjson');
    await daybookHere(['export', '--out', file], environment);
    const small = `sqlite:${join(here, 'small.sqlite')}`;
    await (await openWriter(databaseConfig(small))).destroy();
    const before = await exportedLines(small);

    const results = [
      await daybookHere(['export', '--out', join(here, 'old'), '--force'], environment),
      await daybookHere(['backup', join(here, 'backup')], environment),
      await daybookHere(['import', file], { DATABASE_URL: small }),
    ] as const;
    expect(results.map(({ code, out }) => [code, out])).toEqual(Array(3).fill([1, '']));
    expect(results[0].error).toBe(`${join(here, 'old')} cannot be written: the disk is full.\n`);
    expect(results[1].error).toBe(`${join(here, 'backup')} cannot be written: the disk is full.\n`);
    expect(results[2].error).toBe(`${small} cannot be written, and is as it was: the disk is full.\n`);
    expect((await readdir(here)).filter((name) => !name.startsWith('small'))).toEqual(['old']);
    expect((await stat(join(here, 'old'))).size).toBe(3);
    expect(await exportedLines(small)).toEqual(before);

    disk?.readOnly();
    const refused = await daybookHere(['export', '--out', join(here, 'new')], environment);
    const doctor = await daybookHere(['doctor'], { DATABASE_URL: small });
    expect(refused).toEqual({
      code: 1,
      out: '',
      error: `${join(here, 'new')} cannot be written: the disk is read-only.\n`,
    });
    expect(doctor.code).toBe(1);
    expect(doctor.out).toMatch(/^fail +permissions +this user may not write to/m);
  });
});
