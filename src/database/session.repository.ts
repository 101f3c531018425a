import {
  type DataSource,
  type EntityManager,
  type EntityTarget,
  type FindOptionsWhere,
  type InsertResult,
  type ObjectLiteral,
  Repository,
  UpdateResult,
} from 'typeorm';
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js';
import { PreparedStatements } from './prepared/prepared-statements.js';
import type { Sessions } from './sessions.js';

/**
 * A TypeORM repository whose every call runs in the session of the request that makes it.
 *
 * TypeORM binds a repository to one manager for good. Here `manager` is looked up at each use instead, so one
 * instance serves all requests and none of them meets another's transaction. The commonest calls run as prepared
 * statements where they are simple enough, and mean the same.
 */
export class SessionRepository<Entity extends ObjectLiteral> extends Repository<Entity> {
  declare readonly manager: EntityManager;
  private readonly prepared: PreparedStatements<Entity>;

  constructor(target: EntityTarget<Entity>, sessions: Sessions, reader: DataSource) {
    super(target, reader.manager);
    this.prepared = new PreparedStatements(target, reader);
    // On the instance, as TypeScript does not let an accessor override the property of the base class.
    Object.defineProperty(this, 'manager', { get: () => sessions.current.manager });
  }

  override findOneBy(where: FindOptionsWhere<Entity> | FindOptionsWhere<Entity>[]): Promise<Entity | null> {
    const found = Array.isArray(where) ? undefined : this.prepared.findOne(this.manager, where);
    return found ?? super.findOneBy(where);
  }

  override insert(
    entity: QueryDeepPartialEntity<Entity> | QueryDeepPartialEntity<Entity>[],
  ): Promise<InsertResult> {
    return this.prepared.insert(this.manager, [entity].flat() as ObjectLiteral[]) ?? super.insert(entity);
  }

  override update(
    criteria: Parameters<Repository<Entity>['update']>[0],
    changes: QueryDeepPartialEntity<Entity>,
  ): Promise<UpdateResult> {
    const plain = typeof criteria === 'object' && !Array.isArray(criteria) && !(criteria instanceof Date);
    const affected = plain
      ? this.prepared.update(this.manager, criteria as ObjectLiteral, changes)
      : undefined;
    return affected ? affected.then(updateResult) : super.update(criteria, changes);
  }
}

function updateResult(affected: number): UpdateResult {
  return Object.assign(new UpdateResult(), { affected, raw: [], generatedMaps: [] });
}
