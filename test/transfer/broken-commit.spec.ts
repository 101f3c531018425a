import { explainFailure } from '../../src/explain-failure.js';
import { OutcomeUnknownError } from '../../src/database/errors.js';
import { revertMigration } from '../../src/database/migrate.js';
import { longSource } from '../../src/database/long-sources.js';
import { storageOptions } from '../../src/storage/storage.options.js';
import { openWriter } from '../../src/storage/open-for-command.js';
import { importFile } from '../../src/transfer/import-file.js';
import { failureOf } from '../database/support.js';
import { createDatabase, databaseConfig, type TestDatabase } from '../support/databases.js';
import { exportOf } from '../support/exports.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

describe('a connection to PostgreSQL that breaks at a COMMIT', () => {
  const folder = temporaryFolder();
  let database: TestDatabase;
  let proxy: TcpProxy;
  const config = () =>
    databaseConfig(Object.assign(new URL(database.url), { port: proxy.port }).href, {
      DATABASE_CONNECT_SECONDS: '30',
    });

  beforeEach(async () => {
    database = await createDatabase('postgres');
    proxy = await startTcpProxy(Number(new URL(database.url).port));
  });
  afterEach(async () => {
    await proxy.close();
    await database.drop();
  });

  it('of an import may have kept all of it, and the import says so', async () => {
    const file = join(folder(), 'made.ndjson');
    const tasks = { columns: ['id', 'name', 'done'], lastId: 9, rows: [[1, 'a', true]] };
    await writeFile(file, exportOf({ tasks }));
    // The second half is read inside the transaction of the import.
    const onProgress = (done: number, all: number) => done > all / 2 && proxy.breakAfter('COMMIT');
    const error = await failureOf(importFile(config(), file, { onProgress }));
    expect(error).toBeInstanceOf(OutcomeUnknownError);
    expect(explainFailure(error)).toMatch(
      /^The database has not confirmed a write, which may have been kept: /,
    );
    const again = await importFile(config(), file, { merge: true });
    expect([again.rows, again.added]).toEqual([{ tasks: 1 }, { tasks: 0 }]);
  });

  it('of a migration is looked at again by the start', async () => {
    proxy.breakAfter('COMMIT');
    const writer = await openWriter(config());
    expect(await writer.query('SELECT id FROM logs')).toEqual([]);
    await writer.destroy();
  });

  it('of a migration that is taken back may have done it, and says so', async () => {
    await (await openWriter(config())).destroy();
    const source = await longSource(storageOptions(config()));
    proxy.breakAfter('COMMIT');
    expect(await failureOf(revertMigration(source))).toBeInstanceOf(OutcomeUnknownError);
    await source.destroy();
  });
});
