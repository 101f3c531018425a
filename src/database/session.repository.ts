import { type EntityManager, type EntityTarget, type ObjectLiteral, Repository } from 'typeorm';
import type { Sessions } from './sessions.js';

/**
 * A TypeORM repository whose every call runs in the session of the request that makes it.
 *
 * TypeORM binds a repository to one manager for good. Here `manager` is looked up at each use instead, so one
 * instance serves all requests and none of them meets another's transaction.
 */
export class SessionRepository<Entity extends ObjectLiteral> extends Repository<Entity> {
  constructor(target: EntityTarget<Entity>, sessions: Sessions, reader: EntityManager) {
    super(target, reader);
    // On the instance, as TypeScript does not let an accessor override the property of the base class.
    Object.defineProperty(this, 'manager', { get: () => sessions.current.manager });
  }
}
