import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityTarget, type ObjectLiteral } from 'typeorm';
import { Sessions } from '../sessions.js';
import { BulkInsert } from './bulk-insert.js';
import { JsonLists } from './json-lists.js';
import { JsonSearch } from './json-search.js';
import type { FilterColumns, Members } from './json-sql.js';

/** Makes queries that are built once, for services to declare in their constructors. */
@Injectable()
export class PreparedQueries {
  constructor(
    private readonly sessions: Sessions,
    @InjectDataSource() private readonly reader: DataSource,
  ) {}

  /** Lists of an entity as JSON, whose objects have these members. */
  jsonLists<Entity extends ObjectLiteral>(
    entity: EntityTarget<Entity>,
    members: Members<Entity>,
  ): JsonLists<Entity> {
    return new JsonLists(entity, members, this.sessions, this.reader);
  }

  /** An insert of many rows that have these properties, all of them texts. */
  bulkInsert<Entity extends ObjectLiteral>(
    entity: EntityTarget<Entity>,
    properties: readonly (keyof Entity & string)[],
  ): BulkInsert<Entity> {
    return new BulkInsert(entity, properties, this.sessions, this.reader);
  }

  /** A search in an entity, whose answer are lines of JSON with these members. */
  jsonSearch<Entity extends ObjectLiteral>(
    entity: EntityTarget<Entity>,
    members: Members<Entity>,
    columns: FilterColumns<Entity>,
  ): JsonSearch<Entity> {
    return new JsonSearch(entity, members, columns, this.sessions, this.reader);
  }
}
