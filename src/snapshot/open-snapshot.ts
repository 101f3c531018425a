import { stat } from 'node:fs/promises';
import type { Database } from 'better-sqlite3';
import { DataSource } from 'typeorm';
import { snapshotEntities } from './entities.js';
import { copyIntoMemory, MemoryDatabase } from './memory-copy.js';
import { SNAPSHOT_APPLICATION_ID, SNAPSHOT_TABLES, SNAPSHOT_VERSION } from './snapshot-format.js';

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
    await copyIntoMemory(file, memory, () => refuseOther(memory, file));
    // Fails where a table is missing.
    for (const table of SNAPSHOT_TABLES) memory.prepare(`SELECT * FROM ${table} LIMIT 1`).all();
  } catch (error) {
    memory.close();
    throw explain(error, file);
  }
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
}

function explain(error: unknown, file: string): SnapshotError {
  if (error instanceof SnapshotError) return error;
  const { code = '', message } = error as { code?: string; message: string };
  if (code === 'SQLITE_NOTADB') return new SnapshotError(`${file} is no SQLite database.`);
  if (code.startsWith('SQLITE_CORRUPT')) return new SnapshotError(`${file} is damaged.`);
  return new SnapshotError(`${file} cannot be read: ${message}.`);
}
