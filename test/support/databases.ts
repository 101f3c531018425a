import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';
import { DatabaseConfig } from '../../src/config/database.config.js';
import { SettingsReader } from '../../src/config/environment.js';

export const engines = ['sqlite', 'postgres'] as const;
export type Engine = (typeof engines)[number];

/** An empty database of its own, to be dropped after the test. */
export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

export function createDatabase(engine: Engine): Promise<TestDatabase> {
  return engine === 'sqlite' ? createSqlite() : createPostgres();
}

/** The settings for a database, as the environment would give them. */
export function databaseConfig(url: string, settings: Record<string, string> = {}): DatabaseConfig {
  return new DatabaseConfig(new SettingsReader({ DATABASE_URL: url, ...settings }));
}

async function createSqlite(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'daybook-test-'));
  return {
    url: `sqlite:${join(folder, 'daybook.sqlite')}`,
    drop: () => rm(folder, { recursive: true, force: true }),
  };
}

async function createPostgres(): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await administer(`CREATE DATABASE ${name}`);
  const url = new URL(inject('postgresUrl'));
  url.pathname = name;
  return { url: url.href, drop: () => administer(`DROP DATABASE ${name} WITH (FORCE)`) };
}

/** Runs a statement that is for the whole server, such as one that creates a database. */
export async function administer(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}
