import { stat } from 'node:fs/promises';
import type { Database } from 'better-sqlite3';
import { DataSource } from 'typeorm';
import { snapshotEntities } from './entities.js';
import { copyIntoMemory, MemoryDatabase } from './memory-copy.js';
import {
  type SchemaRow,
  SNAPSHOT_APPLICATION_ID,
  SNAPSHOT_OBJECTS,
  SNAPSHOT_VERSION,
} from './snapshot-format.js';

/** A file that cannot be used as a snapshot. The message is a sentence for the person who runs the service. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError';
}

/**
 * Copies a snapshot into memory and verifies it.
 *
 * @throws SnapshotError where the file is missing, empty, damaged, or something else
 */
export async function openSnapshot(file: string): Promise<DataSource> {
  const found = await stat(file).catch(() => undefined);
  if (!found) throw new SnapshotError(`There is no file ${file}.`);
  if (!found.isFile()) throw new SnapshotError(`${file} is not a file.`);
  if (found.size === 0) throw new SnapshotError(`The file ${file} is empty.`);
  const dataSource = new DataSource({
    type: 'better-sqlite3',
    database: ':memory:',
    driver: MemoryDatabase,
    // Without this the file would be made where it has just been removed.
    fileMustExist: true,
    entities: snapshotEntities,
    synchronize: false,
    logging: false,
    prepareDatabase: (memory: Database) => fill(memory, file),
  });
  return dataSource.initialize();
}

async function fill(memory: Database, file: string): Promise<void> {
  try {
    const before = await identityOf(file);
    await copyIntoMemory(file, memory, () => refuseOther(memory, file));
    // What was verified is what had that name then: perhaps not what was copied.
    if ((await identityOf(file)) !== before) {
      throw new SnapshotError(`${file} was replaced while it was read.`);
    }
  } catch (error) {
    memory.close();
    throw explain(error, file);
  }
}

async function identityOf(file: string): Promise<string> {
  const found = await stat(file, { bigint: true }).catch(() => undefined);
  return found ? `${found.dev} ${found.ino} ${found.mtimeNs} ${found.size}` : '';
}

function refuseOther(memory: Database, file: string): void {
  if (memory.pragma('disk.application_id', { simple: true }) !== SNAPSHOT_APPLICATION_ID) {
    throw new SnapshotError(`${file} is a database, but no snapshot of documentation.`);
  }
  const version = memory.pragma('disk.user_version', { simple: true });
  if (version !== SNAPSHOT_VERSION) {
    throw new SnapshotError(
      `${file} is a snapshot of format ${String(version)}, and this Daybook reads ${SNAPSHOT_VERSION}.`,
    );
  }
  const found = memory.prepare<[string], SchemaRow>('SELECT * FROM disk.sqlite_schema WHERE name = ?');
  for (const { type, name, tbl_name, sql } of SNAPSHOT_OBJECTS) {
    const row = found.get(name);
    if (!row) throw new SnapshotError(`${file} has no ${type} ${name}, as a snapshot has.`);
    if (row.type !== type || row.tbl_name !== tbl_name || row.sql !== sql) {
      throw new SnapshotError(`${file} has a ${row.type} ${name} that is not that of a snapshot.`);
    }
  }
  if (!memory.prepare('SELECT 1 FROM disk.entries LIMIT 1').get()) {
    throw new SnapshotError(`${file} has no entry to find.`);
  }
}

function explain(error: unknown, file: string): SnapshotError {
  if (error instanceof SnapshotError) return error;
  const { code = '', message } = error as { code?: string; message: string };
  if (code === 'SQLITE_NOTADB') return new SnapshotError(`${file} is no SQLite database.`);
  if (code.startsWith('SQLITE_CORRUPT')) return new SnapshotError(`${file} is damaged.`);
  return new SnapshotError(`${file} cannot be read: ${message}.`);
}
