import { createHash } from 'node:crypto';
import { Writable } from 'node:stream';
import { exportDatabase } from '../../src/transfer/export-database.js';
import type { ExportEnd, ExportHead } from '../../src/transfer/export-format.js';
import { migrationNames } from '../../src/schema/migrations.js';
import { VERSION } from '../../src/version.js';
import { databaseConfig } from './databases.js';

/** All lines of an export of a database. */
export async function exportedLines(url: string): Promise<string[]> {
  const chunks: Buffer[] = [];
  const out = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  await exportDatabase(databaseConfig(url), out);
  return Buffer.concat(chunks).toString().split('\n').slice(0, -1);
}

/** An export made by hand, with a right checksum and right counts whatever is in it. */
export function exportOf(tables: Record<string, unknown>, head: Partial<ExportHead> = {}): string {
  const first = {
    format: 'daybook-export',
    formatVersion: 1,
    version: VERSION,
    migration: migrationNames().at(-1),
    ...head,
  };
  const lines: unknown[] = [first];
  const rows: Record<string, number> = {};
  for (const [table, value] of Object.entries(tables)) {
    const {
      columns,
      lastId = 0,
      rows: list,
    } = value as { columns: unknown; lastId?: unknown; rows: unknown[] };
    lines.push({ table, columns, lastId });
    for (const row of list) lines.push(row);
    rows[table] = list.length;
  }
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  const end: ExportEnd = { rows, sha256: createHash('sha256').update(text).digest('hex') };
  return `${text}${JSON.stringify(end)}\n`;
}
