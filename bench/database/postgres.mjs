import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';

const ROWS_AT_ONCE = 1_000;

/**
 * Starts the PostgreSQL that comes with the development packages, with the settings it ships with.
 * It stops by itself when this process ends.
 */
export async function startPostgres() {
  const child = fork(new URL('postgres-process.mjs', import.meta.url), {
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit').then(() => {
    throw new Error('PostgreSQL did not start.');
  });
  const [{ url }] = await Promise.race([once(child, 'message'), ended]);
  ended.catch(() => undefined);
  const [{ version }] = await query(url, "SELECT current_setting('server_version') AS version");
  return {
    url,
    version,
    stop: async () => {
      child.disconnect();
      await ended.catch(() => undefined);
    },
  };
}

/** A new database on a running PostgreSQL, and a folder for what its server writes beside it. */
export async function createPostgres(server, folder) {
  const name = `bench_${randomUUID().replaceAll('-', '')}`;
  await query(server.url, `CREATE DATABASE ${name}`);
  const address = new URL(server.url);
  address.pathname = name;
  const url = address.href;
  return {
    engine: 'postgres',
    folder: mkdtempSync(join(folder, 'postgres-')),
    url,
    /** Runs statements that answer nothing. */
    execute: (sql) => query(url, sql),
    /** Inserts many rows, and lets the next id follow theirs. */
    insert: (table, columns, rows) => use(url, (client) => insert(client, table, columns, rows)),
    /** Answers the rows of a query. */
    all: (sql) => query(url, sql),
  };
}

async function insert(client, table, columns, rows) {
  const all = [...rows];
  for (let start = 0; start < all.length; start += ROWS_AT_ONCE) {
    const part = all.slice(start, start + ROWS_AT_ONCE);
    const tuples = part.map(
      (_row, index) => `(${columns.map((_column, at) => `$${index * columns.length + at + 1}`).join(', ')})`,
    );
    await client.query(
      `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${tuples.join(', ')}`,
      part.flatMap((row) => columns.map((column) => row[column])),
    );
  }
  await client.query(`SELECT setval(pg_get_serial_sequence('${table}', 'id'), max(id)) FROM ${table}`);
}

async function query(url, sql) {
  const { rows } = await use(url, (client) => client.query(sql));
  return rows;
}

async function use(url, work) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
