import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ReadBatch } from './reads.js';

describe('ReadBatch', () => {
  let folder: string;
  let writer: Database.Database;
  let reader: Database.Database;
  const count = () => reader.prepare('SELECT count(*) FROM things').pluck().get();
  const add = () => writer.exec('INSERT INTO things DEFAULT VALUES');

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'daybook-read-batch-'));
    writer = new Database(join(folder, 'database.sqlite'));
    writer.pragma('journal_mode = WAL');
    writer.exec('CREATE TABLE things (id INTEGER PRIMARY KEY)');
    reader = new Database(writer.name, { readonly: true });
  });

  afterEach(() => {
    reader.close();
    writer.close();
    rmSync(folder, { recursive: true });
  });

  it('reads what was committed before it was asked, and what comes in between for none of a turn', async () => {
    const batch = new ReadBatch(reader);
    const first = batch.run(() => {
      const before = count();
      add();
      return before;
    });
    const second = batch.run(count);
    // Committed after both were asked for, and before they run.
    add();
    expect(await Promise.all([first, second])).toEqual([1, 1]);
    expect(await batch.run(count)).toBe(2);
    expect(reader.inTransaction).toBe(false);
  });

  it('lets no read fail for another', async () => {
    const batch = new ReadBatch(reader);
    const results = await Promise.allSettled([
      batch.run(count),
      batch.run(() => reader.prepare('SELECT * FROM elsewhere').all()),
      batch.run(count),
    ]);
    expect(results).toMatchObject([
      { value: 0 },
      { reason: { message: 'no such table: elsewhere' } },
      { value: 0 },
    ]);
  });

  it('lets others have their turn when reads take long', async () => {
    const batch = new ReadBatch(reader);
    const order: string[] = [];
    const slow = (name: string) => () => {
      for (const end = performance.now() + 10; performance.now() < end;) count();
      order.push(name);
    };
    const reads = [batch.run(slow('first')), batch.run(slow('second'))];
    await nextTurn();
    order.push('others');
    await Promise.all(reads);
    expect(order).toEqual(['first', 'others', 'second']);
  });

  it('tells each read that the connection is closed, and harms nobody else', async () => {
    const read = new ReadBatch(reader).run(count);
    reader.close();
    await expect(read).rejects.toThrow('The database connection is not open');
  });
});
