import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createDatabase, engines, type TestDatabase } from '../support/databases.js';

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

describe.each(engines)("TypeORM's own command line on %s", (engine) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase(engine);
  });
  afterAll(() => database.drop());

  const typeOrm = async (command: string) => {
    const args = [path('node_modules/typeorm/cli.js'), command, '-d', path('dist/ormconfig.js')];
    const env = { ...process.env, DATABASE_URL: database.url };
    return (await promisify(execFile)(process.execPath, args, { env })).stdout;
  };

  it('shows, runs and takes back migrations with ormconfig.ts', async () => {
    expect(await typeOrm('migration:show')).toContain('[ ] CreateTables1764000000000');
    expect(await typeOrm('migration:run')).toContain('has been executed successfully');
    expect(await typeOrm('migration:show')).not.toContain('[ ]');
    expect(await typeOrm('schema:log')).toContain('Your schema is up to date');
    expect(await typeOrm('migration:revert')).toContain('has been reverted successfully');
    expect(await typeOrm('migration:show')).toMatch(/\[X\].*\n.*\[ \] LogSweeps/);
  });
});
