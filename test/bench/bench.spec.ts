import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BENCH = fileURLToPath(new URL('../../bench/bench.mjs', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BROKEN = fileURLToPath(new URL('broken.peer.mjs', import.meta.url));

interface Measured {
  readonly scenario: string;
  readonly engine: string;
  readonly command: string;
  readonly driver: string;
  readonly machine: Record<string, unknown>;
  readonly versions: Record<string, string>;
  readonly failures: { contestant: string; reason: string }[];
  readonly results: {
    connections: number;
    contestants: {
      name: string;
      summary?: Record<string, { median: number; min: number; max: number }>;
      ratios?: Record<string, Record<string, number>>;
      rounds?: Record<string, number>[];
      rows?: { acknowledged: number; found: number };
    }[];
  }[];
}

describe('the benchmark', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'daybook-bench-test-'));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Runs it for as short as it can be, and writes into the folder. */
  const bench = (args: string[], environment: Record<string, string> = {}) =>
    run([...args, '--out', folder], environment);

  function run(args: string[], environment: Record<string, string> = {}) {
    const options = ['--engine', 'sqlite', '--seconds', '1', '--rounds', '1'];
    return new Promise<{ code: number; output: string; errors: string }>((resolve) => {
      const env = { ...process.env, ...environment };
      const child = execFile(
        process.execPath,
        [BENCH, ...args, ...options],
        { env },
        (_error, output, errors) => resolve({ code: child.exitCode ?? -1, output, errors }),
      );
    });
  }

  async function resultOf(scenario: string): Promise<Measured> {
    const file = (await readdir(folder)).find((name) => name.endsWith(`-${scenario}-sqlite.json`)) ?? '';
    return JSON.parse(await readFile(join(folder, file), 'utf8')) as Measured;
  }

  it('measures contestants, counts their rows, and writes tables, charts and a page', async () => {
    const peers = ['--peers', 'daybook,floor', '--connections', '16', '--driver', 'autocannon'];
    const { code, output, errors } = await bench(['read-one', 'log', ...peers]);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(output).toContain('floor-normal');

    const read = await resultOf('read-one');
    expect(read).toMatchObject({
      scenario: 'read-one',
      engine: 'sqlite',
      driver: 'autocannon',
      failures: [],
    });
    expect(read.command).toMatch(/^npm run bench -- read-one .*--peers daybook,floor .*--connections 16$/);
    expect(read.command).not.toContain(folder);
    expect(Object.keys(read.machine)).toEqual(
      expect.arrayContaining(['cpu', 'cores', 'memoryGiB', 'kernel', 'node', 'diskSyncMs']),
    );
    expect(Object.keys(read.versions)).toEqual(expect.arrayContaining(['node', 'daybook', 'better-sqlite3']));
    expect(read.results.map(({ connections }) => connections)).toEqual([16]);
    const [daybook, floor] = read.results[0]?.contestants ?? [];
    expect([daybook?.name, floor?.name]).toEqual(['daybook', 'floor']);
    for (const key of ['perSecond', 'p50', 'p99', 'cpu', 'rss']) {
      expect(daybook?.summary?.[key]?.median).toBeGreaterThan(0);
      expect(daybook?.ratios?.floor?.[key]).toBeGreaterThan(0);
    }
    expect(daybook?.summary?.errors?.median).toBe(0);
    expect(daybook?.rounds).toHaveLength(1);

    const { results } = await resultOf('log');
    const writers = results[0]?.contestants ?? [];
    expect(writers.map(({ name }) => name)).toEqual(['daybook', 'floor-full', 'floor-normal']);
    for (const { rows } of writers) {
      expect(rows?.acknowledged).toBeGreaterThan(0);
      expect(rows?.found).toBeGreaterThanOrEqual(rows?.acknowledged ?? NaN);
    }

    const files = await readdir(folder);
    expect(files.filter((name) => name.endsWith('.svg'))).toHaveLength(2);
    expect(files.filter((name) => name.endsWith('.md'))).toHaveLength(3);
    expect(await readFile(join(folder, 'performance.md'), 'utf8')).toContain('-log-sqlite.svg)');
  });

  it('prints tables, and writes neither results nor the page where it does not publish', async () => {
    const published = async () => {
      const results = await readdir(join(ROOT, 'bench/results'));
      const files = ['docs/performance.md', ...results.map((name) => `bench/results/${name}`)];
      return Promise.all(files.map(async (file) => [file, (await stat(join(ROOT, file))).mtimeMs]));
    };
    const before = await published();
    const { code, output, errors } = await run(['read-one', '--peers', 'floor', '--connections', '1']);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(output).toMatch(/^floor +[\d,]+ /m);
    expect(output).not.toContain('Written');
    expect(await published()).toEqual(before);
  });

  it('writes the page anew from the results that are there, and measures nothing', async () => {
    const { code, output } = await bench(['--report']);
    expect({ code, output }).toEqual({ code: 0, output: 'Written: performance.md\n' });
    expect(await readdir(folder)).toEqual(['performance.md']);
  });

  it('fails where a contestant loses what it has acknowledged', async () => {
    const { code, errors } = await bench(['log', '--peers', BROKEN, '--connections', '4']);
    expect(code).toBe(1);
    expect(errors).toMatch(
      /^broken failed in log on sqlite: lost rows: it acknowledged \d+ writes, and \d+ rows are in the database\.$/m,
    );
    expect((await resultOf('log')).failures).toHaveLength(1);
  });

  it('fails where a contestant answers with anything but 2xx', async () => {
    const { code, errors } = await bench(['log', '--peers', BROKEN, '--connections', '4'], {
      BROKEN: 'fails',
    });
    expect(code).toBe(1);
    expect(errors).toMatch(/^broken failed in log on sqlite: \d+ requests were not answered with 2xx\.$/m);
  });

  it('says what is wrong with its command line', async () => {
    const { code, errors } = await bench(['read-two']);
    expect(code).toBe(1);
    expect(errors).toMatch(/^There is no scenario "read-two"; there are read-one, /);
    expect(await bench(['--publish'])).toMatchObject({
      code: 1,
      errors: 'Give --publish or --out, not both.\n',
    });
  });
});
