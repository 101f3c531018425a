import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { parse } from 'csv-parse/sync';
import yauzl from 'yauzl';
import { startApp, type TestApp } from '../support/app.js';
import { engines } from '../support/databases.js';
import { DUMP } from '../support/dumps.js';
import { faultyPlaces } from '../support/problem-details.js';
import { execute } from '../support/rows.js';

const HEADER = ['Name', 'Section', 'Subtask of', 'Description', 'Created', 'Due Date', 'Completed'];

/** The files of a zip by their names, in their order. */
async function unpack(bytes: Buffer): Promise<Map<string, string>> {
  const zip = await promisify<Buffer, yauzl.Options, yauzl.ZipFile>(yauzl.fromBuffer)(bytes, {
    lazyEntries: false,
  });
  const files = new Map<string, string>();
  const open = promisify(zip.openReadStream.bind(zip)) as (
    entry: yauzl.Entry,
  ) => Promise<NodeJS.ReadableStream>;
  const pending: Promise<void>[] = [];
  await new Promise<void>((resolve, reject) => {
    zip.on('entry', (entry: yauzl.Entry) => {
      files.set(entry.fileName, '');
      pending.push(open(entry).then(async (stream) => void files.set(entry.fileName, await text(stream))));
    });
    zip.once('end', resolve).once('error', reject);
  });
  await Promise.all(pending);
  return files;
}

describe.each(engines)('an export of tasks on %s', (engine) => {
  let test: TestApp;
  beforeEach(async () => {
    test = await startApp(engine);
  });
  afterEach(() => test.close());

  const bring = (payload: object) => test.app.inject({ method: 'POST', url: '/tasks/import', payload });
  const add = (name: string) =>
    test.app.inject({ method: 'POST', url: '/tasks', payload: { name, done: false } });
  const get = (query: string) => test.app.inject(`/tasks/export${query}`);
  const asana = async (query = '') => {
    const response = await get(`?format=asana${query}`);
    expect(response.headers['content-type']).toBe('application/zip');
    const files = await unpack(response.rawPayload);
    const report = JSON.parse(files.get('report.json')!) as Record<string, unknown>;
    files.delete('report.json');
    const rows = new Map([...files].map(([name, csv]) => [name, parse(csv)]));
    return { files, report, rows };
  };

  it("has a CSV for each list in the form of Asana's importer", async () => {
    await add('Own');
    await bring(DUMP);
    const { rows, report } = await asana('&time_zone=Europe/Berlin');
    expect(Object.fromEntries(rows)).toEqual({
      'Garden.csv': [
        HEADER,
        ['Water the plants', 'To do', '', 'Not the cactus', '05/07/2020', '06/01/2020', ''],
        ['Look for it', 'To do', 'Water the plants', '', '', '', ''],
        ['Fill the can', 'Done', 'Water the plants', '', '', '', ''],
      ],
      'Work.csv': [HEADER, ['Read the mail', 'Done', '', '', '05/06/2020', '', '05/07/2020']],
      'Without a list.csv': [HEADER, ['Own', 'To do', '', '', '', '', '']],
    });
    expect(report).toEqual({
      time_zone: 'Europe/Berlin',
      files: [
        { name: 'Garden.csv', list: 'Garden', rows: 3 },
        { name: 'Work.csv', list: 'Work', rows: 1 },
        { name: 'Without a list.csv', list: 'Without a list', rows: 1 },
      ],
      renamed: [],
      empty: [],
    });
    const utc = await asana();
    expect(utc.rows.get('Garden.csv')![1]).toEqual([
      'Water the plants',
      'To do',
      '',
      'Not the cactus',
      '05/06/2020',
      '05/31/2020',
      '',
    ]);
  });

  it('gives each list a file of its own, whatever it is called, and each task its own name', async () => {
    const titles = ['Work', 'work', '../a/b:c', 'CON', '', 'x'.repeat(300), 'Empty'];
    await bring({
      lists: titles.map((title, n) => ({ id: `L${n}`, title })),
      tasks: titles.slice(0, -1).flatMap((_, n) => [
        { id: `A${n}`, list_id: `L${n}`, title: 'Twice', position: 1 },
        { id: `B${n}`, list_id: `L${n}`, title: 'Twice', position: 2 },
      ]),
      steps: [{ id: 'S', task_id: 'B0', title: 'Twice' }],
    });
    const { rows, report } = await asana();
    expect([...rows.keys()]).toEqual([
      'Work.csv',
      'work (2).csv',
      expect.stringMatching(/^[\w .-]+\.csv$/),
      'CON_.csv',
      '_.csv',
      `${'x'.repeat(100)}.csv`,
    ]);
    expect(
      rows
        .get('Work.csv')!
        .slice(1)
        .map(([name, , parent]) => [name, parent]),
    ).toEqual([
      ['Twice', ''],
      ['Twice (2)', ''],
      ['Twice (3)', 'Twice (2)'],
    ]);
    expect(report).toMatchObject({ empty: ['Empty'] });
    expect(report.renamed).toContainEqual({ list: 'Work', from: 'Twice', to: 'Twice (2)' });
  });

  it('has at most 1,900 rows in a file, and a task and its steps in one', async () => {
    const tasks = Array.from({ length: 1_000 }, (_, n) => ({
      id: `T${n}`,
      list_id: 'L',
      title: `Task ${n}`,
      position: n,
    }));
    const steps = Array.from({ length: 2_000 }, (_, n) => ({
      id: `S${n}`,
      task_id: `T${n % 2 === 0 ? 999 : Math.floor(n / 2)}`,
      title: `Step ${n}`,
      position: n,
    }));
    await bring({ lists: [{ id: 'L', title: 'Long' }], tasks, steps });
    const { rows } = await asana();
    expect([...rows.keys()]).toEqual(['Long.csv', 'Long (2).csv']);
    const names = new Set<string>();
    for (const [header, ...file] of rows.values()) {
      expect(header).toEqual(HEADER);
      expect(file.length).toBeLessThanOrEqual(1_900);
      const parents = new Set<string>();
      for (const [name, , parent] of file) {
        if (parent === '') parents.add(name!);
        else expect(parents).toContain(parent);
        names.add(name!);
      }
    }
    expect(names.size).toBe(3_000);
  });

  it('has the tasks of every list without an id', async () => {
    // Two imports at once may each have made one.
    await bring({ tasks: [{ id: 'T1', title: 'One' }] });
    await execute(test, `INSERT INTO task_lists (title) VALUES ('Without a list')`);
    await bring({ tasks: [{ id: 'T2', title: 'Two' }] });
    await execute(test, `UPDATE task_details SET list_id = 2 WHERE task_id = 2`);
    await add('Three');
    const { rows } = await asana();
    const names = [...rows.values()].flatMap(([, ...file]) => file.map(([name]) => name));
    expect(names.toSorted()).toEqual(['One', 'Three', 'Two']);
  });

  it('gives a task with very many steps in any form', async () => {
    const position = (n: number) => new Date(1.6e12 - n * 1_000).toISOString();
    await bring({
      tasks: [{ id: 'T', title: 'Task' }],
      steps: Array.from({ length: 40_000 }, (_, n) => ({
        id: n,
        task_id: 'T',
        title: `${n}`,
        position: position(n),
      })),
    });
    const whole = (await test.app.inject('/tasks/1?include=details')).json<{ steps: { title: string }[] }>();
    expect(whole.steps.map(({ title }) => Number(title))).toEqual(
      Array.from({ length: 40_000 }, (_, n) => n),
    );
    expect(parse((await get('?format=csv')).body)).toHaveLength(40_002);
    const { rows } = await asana();
    expect(rows.size).toBe(22);
  });

  it('makes cells safe for spreadsheets, unless it is told not to', async () => {
    const titles = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', 'a=1', '"=1"'];
    await bring({ tasks: titles.map((title, n) => ({ id: n + 1, title, position: n })) });
    const names = async (query: string, column: number) => {
      const { files } = await asana(query);
      return parse(files.get('Without a list.csv')!)
        .slice(1)
        .map((row) => row[column]);
    };
    // A blank before it is not seen by a spreadsheet either, and goes.
    expect(await names('', 0)).toEqual(["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'=1", "'=1 (2)", 'a=1', '"=1"']);
    expect(await names('&safe_cells=false', 0)).toEqual([
      '=1+1',
      '+1',
      '-1',
      '@SUM(A1)',
      '=1',
      '=1 (2)',
      'a=1',
      '"=1"',
    ]);
    const plain = parse((await get('?format=csv')).body);
    expect(plain.slice(1).map((row) => row[2])).toEqual([
      "'=1+1",
      "'+1",
      "'-1",
      "'@SUM(A1)",
      "'\t=1",
      "'\r=1",
      'a=1',
      '"=1"',
    ]);
  });

  it('has all tasks in one CSV', async () => {
    await add('Own, with "quotes"');
    await bring(DUMP);
    const response = await get('?format=csv&time_zone=Europe/Berlin');
    expect(response.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="daybook-tasks.csv"',
    });
    const none = { 'Step of': '', Position: '', Note: '', Created: '', Due: '', Completed: '' };
    expect(parse(response.body, { columns: true })).toEqual([
      { ...none, Id: '1', List: '', Name: 'Own, with "quotes"', Done: 'false' },
      {
        ...none,
        Id: '2',
        List: 'Garden',
        Name: 'Water the plants',
        Done: 'false',
        Position: '2020-01-02T00:00:00.0000000Z',
        Note: 'Not the cactus',
        Created: '2020-05-07T01:06:35.869+02:00',
        Due: '2020-06-01T00:00:00.000+02:00',
      },
      { ...none, Id: '', List: 'Garden', Name: 'Look for it', Done: 'false', 'Step of': '2', Position: '1' },
      { ...none, Id: '', List: 'Garden', Name: 'Fill the can', Done: 'true', 'Step of': '2', Position: '2' },
      {
        ...none,
        Id: '3',
        List: 'Work',
        Name: 'Read the mail',
        Done: 'true',
        Position: '17',
        Created: '2020-05-06',
        Completed: '2020-05-07T01:00:00.000+02:00',
      },
    ]);
  });

  it('has tasks that were never imported in its JSON, for another Daybook', async () => {
    await add('Own');
    const response = await get('?format=json');
    expect(response.headers).toMatchObject({
      'content-type': 'application/json',
      'content-disposition': 'attachment; filename="daybook-tasks.json"',
    });
    expect(response.body).toMatch(
      /^{"lists":\[\],"tasks":\[{"id":"daybook-[-0-9a-f]{36}-1","list_id":null,"title":"Own","completed":false}\],"steps":\[\]}$/,
    );
  });

  it('is empty where nothing is', async () => {
    const { rows, report } = await asana();
    expect(rows.size).toBe(0);
    expect(report).toMatchObject({ files: [] });
    expect((await get('?format=csv')).body).toBe(
      'Id,List,Name,Done,Step of,Position,Note,Created,Due,Completed\r\n',
    );
    expect((await get('?format=json')).body).toBe('{"lists":[],"tasks":[],"steps":[]}');
  });

  it.each([
    ['?format=xlsx', 'query.format'],
    ['?time_zone=Atlantis', 'query.time_zone'],
    ['?time_zone=', 'query.time_zone'],
    ['?time_zone=%2B25:00', 'query.time_zone'],
    ['?safe_cells=perhaps', 'query.safe_cells'],
  ])('refuses %s', async (query, place) => {
    expect(faultyPlaces(await get(query))).toEqual([place]);
  });
});
