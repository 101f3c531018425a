import Database from 'better-sqlite3';
import pg from 'pg';
import { databaseConfig, type Engine } from './databases.js';

/**
 * Keeps everybody else from writing log entries, as another process does that is slow to commit.
 * Answers how to end it.
 */
export async function blockWriters(engine: Engine, databaseUrl: string): Promise<() => Promise<void>> {
  if (engine === 'sqlite') {
    const database = new Database(databaseConfig(databaseUrl).file);
    database.exec('BEGIN IMMEDIATE');
    return async () => {
      database.exec('COMMIT');
      database.close();
    };
  }
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('BEGIN');
  await client.query('LOCK TABLE logs IN EXCLUSIVE MODE');
  return async () => {
    await client.query('COMMIT');
    await client.end();
  };
}
