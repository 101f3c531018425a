import type { Type } from '@nestjs/common';
import type { DataSource, EntityMetadata, ObjectLiteral } from 'typeorm';

/** A class that is kept in a table. */
export type EntityClass = Type<ObjectLiteral>;

/** Called with the entities that a commit may have changed. */
export type ChangeListener = (entities: Iterable<EntityClass>) => void;

/**
 * Tells which entities commits have changed, those of this process and of all others on the database.
 *
 * It may tell of too much, and never of too little. Only what is watched costs anything.
 */
export abstract class DatabaseChanges {
  /** By the name of a table: the listeners, and the entities that each hears of when it is written. */
  private readonly watched = new Map<string, Map<ChangeListener, Set<EntityClass>>>();
  private pattern?: RegExp;

  constructor(private readonly dataSource: DataSource) {}

  /** Calls `listener` for every commit that may have changed one of these from now on. */
  watch(entities: Iterable<EntityClass>, listener: ChangeListener): void {
    for (const entity of entities) {
      for (const table of tablesThatChange(this.dataSource.getMetadata(entity))) {
        const listeners = this.watched.get(table) ?? new Map<ChangeListener, Set<EntityClass>>();
        this.watched.set(table, listeners.set(listener, (listeners.get(listener) ?? new Set()).add(entity)));
      }
    }
    if (this.watched.size > 0) {
      this.pattern = new RegExp(`\\b(?:${[...this.watched.keys()].map(escapeRegExp).join('|')})\\b`, 'gi');
    }
  }

  /**
   * Has the listeners told of every commit that was answered before this call, in whatever process.
   * Answers false where that cannot be known now.
   */
  abstract catchUp(): boolean | Promise<boolean>;

  /** Ends what it has open. */
  abstract close(): Promise<void>;

  /** The watched tables that a statement may write: all that it names, if it does more than select. */
  tablesWrittenBy(sql: string): readonly string[] {
    if (!this.pattern || /^\s*select\b/i.test(sql)) return [];
    return sql.match(this.pattern)?.map((name) => name.toLowerCase()) ?? [];
  }

  /** Tells of a commit that may have changed these tables. */
  tell(tables: Iterable<string>): void {
    const told = new Map<ChangeListener, Set<EntityClass>>();
    for (const table of tables) {
      for (const [listener, entities] of this.watched.get(table) ?? []) {
        told.set(listener, (told.get(listener) ?? new Set()).union(entities));
      }
    }
    for (const [listener, entities] of told) listener(entities);
  }

  /** The tables that somebody watches. */
  get watchedTables(): Iterable<string> {
    return this.watched.keys();
  }

  /** Tells of commits that may have changed anything. */
  protected tellAll(): void {
    this.tell(this.watchedTables);
  }
}

/** A table, and those whose rows take rows of it along when they are deleted or get another id. */
function tablesThatChange(metadata: EntityMetadata, found = new Set<string>()): Set<string> {
  const name = metadata.tableName.toLowerCase();
  if (found.has(name)) return found;
  found.add(name);
  for (const { onDelete, onUpdate, referencedEntityMetadata } of metadata.foreignKeys) {
    const cascades = [onDelete, onUpdate].some((action) => action && !/^(NO ACTION|RESTRICT)$/.test(action));
    if (cascades) tablesThatChange(referencedEntityMetadata, found);
  }
  return found;
}

const escapeRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
