import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Repository } from 'typeorm';
import { TaskStore } from '../task-store.entity.js';
import { insertAll } from './bulk-rows.js';
import { mergeContents } from './merge-contents.js';
import type { FaultyRecord, StoreRow } from './prepare.js';
import { checkSize, RecordError } from './records.js';

/** An object store that was merged with what was kept of it then. */
export interface MergedStore {
  readonly given: StoreRow;
  /** What was kept; undefined where nothing was. */
  readonly kept: string | null | undefined;
  readonly content: string | null;
  /** Why it cannot be kept beside that. */
  readonly problem?: string;
}

/** Writes the object stores that Daybook has no table for, beside what is kept of them. */
@Injectable()
export class StoresWriter {
  constructor(@InjectRepository(TaskStore) private readonly stores: Repository<TaskStore>) {}

  /** Merges them with what is kept now. It takes long where that is large, so call it before the transaction. */
  async merge(rows: readonly StoreRow[]): Promise<MergedStore[]> {
    const known = await this.contentsOf(rows);
    const merged: MergedStore[] = [];
    for (const row of rows) merged.push(await merge(row, known.get(row.name)));
    return merged;
  }

  /** Writes what was merged. Answers those that cannot be kept beside what is there. */
  async write(merged: readonly MergedStore[]): Promise<FaultyRecord[]> {
    const known = await this.contentsOf(merged.map(({ given }) => given));
    const added: StoreRow[] = [];
    const changed: StoreRow[] = [];
    const conflicts: FaultyRecord[] = [];
    for (const before of merged) {
      const { given } = before;
      const kept = known.get(given.name);
      // Another import may have come between.
      const { content, problem } = kept === before.kept ? before : await merge(given, kept);
      if (problem !== undefined) conflicts.push({ store: given.name, index: null, id: null, problem });
      else if (kept === undefined) added.push(given);
      else if (content !== kept) changed.push({ ...given, content });
    }
    await insertAll(this.stores, added);
    if (changed.length > 0) await this.stores.upsert(changed, ['name']);
    return conflicts;
  }

  private async contentsOf(rows: readonly StoreRow[]): Promise<Map<string, string | null>> {
    const found = await this.stores.findBy({ name: In(rows.map(({ name }) => name)) });
    return new Map(found.map(({ name, content }) => [name, content]));
  }
}

async function merge(given: StoreRow, kept: string | null | undefined): Promise<MergedStore> {
  const asGiven = { given, kept, content: given.content };
  // Without content its records have a table.
  if (kept === undefined || kept === null || given.content === null) return asGiven;
  try {
    const content = await mergeContents(kept, given.content);
    checkSize(content);
    return { given, kept, content };
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    return { ...asGiven, problem: error.message };
  }
}
