import {
  EntityManager,
  type EntityTarget,
  type FindOptionsWhere,
  type InsertResult,
  type ObjectLiteral,
  type QueryDeepPartialEntity,
  type QueryRunner,
  type Repository,
  type SelectQueryBuilder,
  type TreeRepository,
  UpdateResult,
} from 'typeorm';
import { outside, placeIn } from './places.js';
import { transactionOf } from './runner-transaction.js';
import type { SessionDataSource } from './session-data-source.js';
import { bindRunner, type IsolationLevel } from './typeorm-internals.js';

type Work<T> = (manager: EntityManager) => Promise<T>;

/** TypeORM begins a transaction for these, after it has read what there is. */
const PERSIST = ['save', 'remove', 'softRemove', 'recover'] as const;

/** These are one statement each, and what subscribers do with it. */
const STATEMENTS = [
  ...['insert', 'upsert', 'update', 'updateAll', 'delete', 'deleteAll', 'softDelete', 'restore'],
  ...['increment', 'decrement', 'clear'],
] as const;

/**
 * A TypeORM EntityManager whose statements are in the transaction that runs where it is called.
 *
 * The commonest calls run as prepared statements where they are simple enough, and mean the same.
 */
export class SessionManager extends EntityManager {
  declare readonly dataSource: SessionDataSource;

  // TypeORM overloads each of them so often that they are overridden as they are called.
  static {
    for (const name of [...PERSIST, ...STATEMENTS]) {
      const plain = Reflect.get(SessionManager.prototype, name) as (...args: unknown[]) => Promise<unknown>;
      const isPersist = (PERSIST as readonly string[]).includes(name);
      const value = function write(this: SessionManager, ...args: unknown[]): Promise<unknown> {
        const run = () => plain.apply(this, args);
        if (!isPersist) return this.withSubscribers(run);
        return (name === 'save' ? this.saveNew(args) : undefined) ?? this.persist(run);
      };
      Object.defineProperty(SessionManager.prototype, name, { value, configurable: true, writable: true });
    }
  }

  /** @param ownRunner the query runner that it stands for, and not for whatever transaction runs */
  constructor(
    dataSource: SessionDataSource,
    private readonly ownRunner?: QueryRunner,
  ) {
    super(dataSource, ownRunner);
    if (!ownRunner) bindRunner(this, () => dataSource.transactionNow?.runner);
  }

  override transaction<T>(isolation: IsolationLevel | Work<T>, work?: Work<T>): Promise<T> {
    if (typeof isolation === 'function') return this.transact(undefined, isolation);
    // TypeORM says what is missing.
    return work ? this.transact(isolation, work) : super.transaction(isolation, work!);
  }

  /** One that is not of a query runner finds its transaction when it runs. */
  override createQueryBuilder<Entity extends ObjectLiteral>(
    entity?: EntityTarget<Entity> | QueryRunner,
    alias?: string,
    runner?: QueryRunner,
  ): SelectQueryBuilder<Entity> {
    const { dataSource } = this;
    if (alias === undefined) {
      return dataSource.createQueryBuilder(
        (entity as QueryRunner | undefined) ?? this.ownRunner,
      ) as SelectQueryBuilder<Entity>;
    }
    return dataSource.createQueryBuilder(entity as EntityTarget<Entity>, alias, runner ?? this.ownRunner);
  }

  override getRepository<Entity extends ObjectLiteral>(target: EntityTarget<Entity>): Repository<Entity> {
    // It is kept, and must not keep the query runner of the transaction that it is first asked for in.
    return this.ownRunner ? super.getRepository(target) : outside(() => super.getRepository(target));
  }

  override getTreeRepository<Entity extends ObjectLiteral>(
    target: EntityTarget<Entity>,
  ): TreeRepository<Entity> {
    return this.ownRunner ? super.getTreeRepository(target) : outside(() => super.getTreeRepository(target));
  }

  override findOneBy<Entity extends ObjectLiteral>(
    target: EntityTarget<Entity>,
    where: FindOptionsWhere<Entity> | FindOptionsWhere<Entity>[],
  ): Promise<Entity | null> {
    const found = Array.isArray(where)
      ? undefined
      : this.dataSource.statementsOf(target)?.findOne(this, where);
    return found ?? super.findOneBy(target, where);
  }

  override insert<Entity extends ObjectLiteral>(
    target: EntityTarget<Entity>,
    entity: QueryDeepPartialEntity<Entity> | QueryDeepPartialEntity<Entity>[],
  ): Promise<InsertResult> {
    const rows = [entity].flat() as ObjectLiteral[];
    const inserted = this.dataSource.statementsOf(target)?.insert(this, rows);
    return inserted ?? super.insert(target, entity);
  }

  override async update<Entity extends ObjectLiteral>(
    target: EntityTarget<Entity>,
    criteria: Parameters<EntityManager['update']>[1],
    changes: QueryDeepPartialEntity<Entity>,
    ...options: unknown[]
  ): Promise<UpdateResult> {
    const plain =
      typeof criteria === 'object' &&
      !Array.isArray(criteria) &&
      !(criteria instanceof Date) &&
      options[0] === undefined;
    const updated = plain
      ? this.dataSource.statementsOf(target)?.update(this, criteria as ObjectLiteral, changes)
      : undefined;
    if (!updated) return super.update(target, criteria, changes, ...(options as []));
    return Object.assign(new UpdateResult(), { affected: await updated, raw: [], generatedMaps: [] });
  }

  /** Saves an entity that is new and nothing but its columns, with one statement. */
  private saveNew(args: readonly unknown[]): Promise<unknown> | undefined {
    const [target, entity] = args;
    if (args.length > 3 || args[2] !== undefined) return undefined;
    if (typeof target !== 'function' || typeof entity !== 'object' || entity === null) return undefined;
    return this.dataSource.statementsOf(target)?.insertNew(this, entity);
  }

  private async transact<T>(isolation: IsolationLevel | undefined, work: Work<T>): Promise<T> {
    const { dataSource, queryRunner: runner } = this;
    // Where the schema is changed, all of TypeORM's own ways hold.
    if (placeIn(dataSource)?.direct) return super.transaction(isolation as IsolationLevel, work);
    const transaction = runner && transactionOf(runner);
    if (transaction) return transaction.nested(() => work(runner.manager));
    if (!runner) return dataSource.transact(isolation, work);
    return onRunner(runner, isolation, work);
  }

  /** Runs a statement, and what subscribers write because of it, as one transaction. */
  private withSubscribers<T>(run: () => Promise<T>): Promise<T> {
    const { dataSource } = this;
    const alone = dataSource.subscribers.length === 0 || this.queryRunner !== undefined;
    if (alone || placeIn(dataSource)?.direct) return run();
    return dataSource.transact(dataSource.options.type === 'postgres' ? 'READ COMMITTED' : undefined, run);
  }

  /** Runs one of TypeORM's own calls, which reads first what there is. */
  private persist<T>(run: () => Promise<T>): Promise<T> {
    const { dataSource, queryRunner } = this;
    // On PostgreSQL TypeORM's own transaction is enough, and costs less.
    if (dataSource.options.type === 'postgres') return this.withSubscribers(run);
    const joins = queryRunner !== undefined;
    return joins || placeIn(dataSource)?.direct ? run() : dataSource.transact(undefined, run);
  }
}

/** Runs `work` in a transaction that a query runner begins and ends. */
async function onRunner<T>(
  runner: QueryRunner,
  isolation: IsolationLevel | undefined,
  work: Work<T>,
): Promise<T> {
  await runner.startTransaction(isolation);
  try {
    // What work does with injected repositories is inside, too.
    const result = await transactionOf(runner)!.enter(() => work(runner.manager));
    await runner.commitTransaction();
    return result;
  } catch (error) {
    await runner.rollbackTransaction().catch(() => undefined);
    throw error;
  }
}
