import { type EntityManager, type EntityTarget, type ObjectLiteral, Repository } from 'typeorm';
import type { Snapshots } from './snapshots.js';

/**
 * A TypeORM repository that reads the snapshot that is current when it is called.
 *
 * TypeORM binds a repository to one manager for good; here it is looked up at each use.
 */
export class SnapshotRepository<Entity extends ObjectLiteral> extends Repository<Entity> {
  declare readonly manager: EntityManager;

  constructor(target: EntityTarget<Entity>, snapshots: Snapshots) {
    // No manager yet: at the start there may be no snapshot.
    super(target, undefined as unknown as EntityManager);
    Object.defineProperty(this, 'manager', { get: () => snapshots.manager });
  }
}
