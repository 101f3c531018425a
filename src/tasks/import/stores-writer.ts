import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Repository } from 'typeorm';
import { TaskStore } from '../task-store.entity.js';
import { insertAll } from './bulk-rows.js';
import { mergeContents } from './merge-contents.js';
import type { FaultyRecord, StoreRow } from './prepare.js';
import { checkSize, RecordError } from './records.js';

/** Writes the object stores that Daybook has no table for, beside what is kept of them. */
@Injectable()
export class StoresWriter {
  constructor(@InjectRepository(TaskStore) private readonly stores: Repository<TaskStore>) {}

  /** Answers those that cannot be kept beside it. */
  async write(rows: readonly StoreRow[]): Promise<FaultyRecord[]> {
    const found = await this.stores.findBy({ name: In(rows.map(({ name }) => name)) });
    const known = new Map(found.map((store) => [store.name, store]));
    const added: StoreRow[] = [];
    const changed: StoreRow[] = [];
    const conflicts: FaultyRecord[] = [];
    for (const row of rows) {
      const old = known.get(row.name);
      if (!old) {
        added.push(row);
        continue;
      }
      try {
        const content = merge(old.content, row.content);
        if (content !== old.content) changed.push({ ...row, content });
      } catch (error) {
        if (!(error instanceof RecordError)) throw error;
        conflicts.push({ store: row.name, index: null, id: null, problem: error.message });
      }
    }
    await insertAll(this.stores, added);
    if (changed.length > 0) await this.stores.upsert(changed, ['name']);
    return conflicts;
  }
}

/** Without content its records have a table. */
function merge(kept: string | null, given: string | null): string | null {
  if (kept === null || given === null) return given;
  const content = mergeContents(kept, given);
  checkSize(content);
  return content;
}
