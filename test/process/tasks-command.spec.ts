import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openWriter } from '../../src/storage/open-for-command.js';
import { createDatabase, databaseConfig, engines, type TestDatabase } from '../support/databases.js';
import { daybookHere } from '../support/command.js';
import { DUMP } from '../support/dumps.js';

describe.each(engines)('daybook tasks on %s', (engine) => {
  let database: TestDatabase;
  let folder: string;
  beforeAll(async () => {
    database = await createDatabase(engine);
    folder = await mkdtemp(join(tmpdir(), 'daybook-tasks-'));
  });
  afterAll(async () => {
    await database.drop();
    await rm(folder, { recursive: true });
  });

  const run = async (args: string[], { input = '' }: { input?: string | Buffer } = {}) => {
    const { code, out, error } = await daybookHere(['tasks', ...args], { DATABASE_URL: database.url }, input);
    return { code, output: out, errors: error };
  };
  const list = async () => JSON.parse((await run(['list', '--json'])).output) as unknown[];

  it('refuses what it cannot import, with one sentence, and keeps nothing of it', async () => {
    expect(await list()).toEqual([]);
    const broken = join(folder, 'broken.json');
    await writeFile(broken, '{"tasks":[{"id":"T1","title":"x"},');
    const large = join(folder, 'large.json');
    // One line of 100 MB.
    await writeFile(large, '{"tasks":[{"id":"T1","title":"');
    for (let n = 0; n < 100; n += 1) await appendFile(large, Buffer.alloc(1_048_576, 'x'));
    const missing = join(folder, 'missing.json');
    const [first, second, third, fourth] = [
      await run(['import', broken]),
      await run(['import', large]),
      await run(['import', missing]),
      await run(['import', '-', '--strict'], { input: '{"tasks":[{"id":1,"title":"x"},{"id":2}]}' }),
    ];
    const refused = (errors: string) => ({ code: 1, output: '', errors: `${errors}\n` });
    expect(first).toEqual(refused('It is no JSON, or breaks off at its end.'));
    expect(second).toEqual(
      refused(`${large} is larger than the 33554432 bytes of the setting TASKS_IMPORT_MAX_BYTES.`),
    );
    expect(third).toEqual(refused(`${missing} cannot be read: there is no such file or folder.`));
    expect(fourth).toEqual(refused('tasks 1 title is missing (2)'));
    expect(await list()).toEqual([]);
  });

  it('imports a file, and gives it back', async () => {
    const file = join(folder, 'dump.json');
    await writeFile(file, JSON.stringify(DUMP));
    const tried = await run(['import', file, '--dry-run']);
    expect(tried).toMatchObject({ code: 0, errors: '' });
    expect(tried.output).toContain('This was a dry run');

    const imported = await run(['import', file, '--json']);
    expect(imported).toMatchObject({ code: 0, errors: '' });
    expect(JSON.parse(imported.output)).toMatchObject({ tasks: { new: 2 }, steps: { new: 2 }, faulty: 0 });

    const out = join(folder, 'out');
    expect(await run(['export', '--format', 'json', '--out', out])).toMatchObject({ code: 0, errors: '' });
    expect(await readFile(join(out, 'daybook-tasks.json'), 'utf8')).toBe(JSON.stringify(DUMP));
    const again = await run(['import', '-', '--json'], {
      input: await readFile(join(out, 'daybook-tasks.json')),
    });
    expect(JSON.parse(again.output)).toMatchObject({ tasks: { new: 0, changed: 0, unchanged: 2 } });
  });

  it('tells with its exit code that something was left out', async () => {
    const faulty = await run(['import', '-'], { input: '{"tasks":[{"id":"\\u001b[2J"}]}' });
    expect(faulty).toMatchObject({ code: 1, errors: 'Records at fault, which are left out: 1.\n' });
    expect(faulty.output).toContain('Left out: tasks 0 (\\x1b[2J): title is missing');
    const unread = await run(['import', '-', '--dry-run'], {
      input:
        '{"tasks":[{"id":"T","title":"Task","due_date":"\\u001b[2J","status":"completed"}],"groups":[{}]}',
    });
    expect(unread).toMatchObject({ code: 1, errors: 'Values that cannot be read, which are left out: 1.\n' });
    expect(unread.output).toContain(
      'Kept without a value: tasks 0 (T): due_date is no ISO 8601 time: "\\u001b[2J"',
    );
    expect(unread.output).toContain('Kept for an export, and not used: groups (1), tasks.status (1).');
  });

  it('exports what can be read, and tells with its exit code that there is more', async () => {
    const writer = await openWriter(databaseConfig(database.url));
    await writer.query(`UPDATE task_details SET source = 'no JSON' WHERE external_id = 'AQMkADAwT1'`);
    await writer.destroy();
    const out = join(folder, 'unread');
    const exported = await run(['export', '--format', 'json', '--out', out]);
    expect(exported).toMatchObject({ code: 1, output: 'daybook-tasks.json is written.\n' });
    expect(exported.errors).toMatch(
      /^task \d: the record that came cannot be read; .*\nRows that are exported only as far as they can be read: 1\.\n$/,
    );
    const { tasks } = JSON.parse(await readFile(join(out, 'daybook-tasks.json'), 'utf8')) as typeof DUMP;
    expect(tasks).toMatchObject([{ id: 'AQMkADAwT1', title: 'Water the plants' }, DUMP.tasks[1]]);
    // As it was, for the tests below.
    expect(await run(['import', '-'], { input: JSON.stringify(DUMP) })).toMatchObject({ code: 0 });
  });

  it('writes files for Asana, and replaces none unless it is told to', async () => {
    const out = join(folder, 'asana');
    const args = ['export', '--out', out, '--time-zone', 'Europe/Berlin'];
    const written = await run([...args, '--json']);
    expect(written).toMatchObject({ code: 0, errors: '' });
    expect(JSON.parse(written.output)).toMatchObject({
      time_zone: 'Europe/Berlin',
      files: [{ rows: 3 }, { rows: 1 }],
    });
    expect((await readdir(out)).toSorted()).toEqual(['Garden.csv', 'Work.csv']);
    const garden = await readFile(join(out, 'Garden.csv'), 'utf8');
    expect(garden.split('\r\n')[1]).toBe('Water the plants,To do,,Not the cactus,05/07/2020,06/01/2020,');

    await writeFile(join(out, 'Work.csv'), 'mine');
    await rm(join(out, 'Garden.csv'));
    const refused = await run(args);
    expect(refused).toMatchObject({ code: 1, output: '' });
    expect(refused.errors).toContain('Work.csv is there already, so nothing was written.');
    expect(await readdir(out)).toEqual(['Work.csv']);
    expect(await readFile(join(out, 'Work.csv'), 'utf8')).toBe('mine');
    expect((await run([...args, '--force'])).code).toBe(0);
    expect(await readFile(join(out, 'Work.csv'), 'utf8')).toContain('Read the mail');

    const zone = await run(['export', '--out', join(folder, 'nowhere'), '--time-zone', 'Atlantis']);
    expect(zone).toMatchObject({
      code: 1,
      errors: expect.stringMatching(/^time_zone: .*Europe\/Berlin.*\n$/),
    });
    expect(await readdir(folder)).not.toContain('nowhere');
  });
});
