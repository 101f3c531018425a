import { AsyncLocalStorage } from 'node:async_hooks';
import type { Pool } from 'pg';
import { type DataSource, type QueryRunner, QueryRunnerAlreadyReleasedError } from 'typeorm';
import type { Level } from './level.js';
import { logged } from './logged.js';
import type { Turns } from './turns.js';

/**
 * Where code runs: for whom, and in which transaction.
 *
 * It travels in AsyncLocalStorage, so that repositories and services stay singletons.
 */
export interface Place {
  /** Whom the work is for, such as `POST /tasks`: told where a transaction fails. */
  readonly name?: string;
  /** The data source that `level` and `direct` are about. */
  readonly dataSource?: DataSource;
  /** The transaction, or the nested one, that statements join. */
  readonly level?: Level;
  /** Statements that were made in one place run one after another. */
  readonly turns?: Turns;
  /** Statements go straight to a connection here, past turns and transactions: where TypeORM changes the schema, and on
   * SQLite for what runs alone. */
  readonly direct?: Direct;
  /** The place around this one, which may be about another data source. */
  readonly outer?: Place;
}

/** What statements share that go straight to a connection. */
export interface Direct {
  /** SQLite's one query runner, which all of it shares. */
  runner?: QueryRunner;
  /** PostgreSQL's connections that know no limit of time. */
  readonly pool?: Pool;
  /** It has ended: what still comes is refused. */
  over?: boolean;
  /** Those who have one of them. */
  readonly users?: Set<{ release(): Promise<void> }>;
}

const places = new AsyncLocalStorage<Place | undefined>();

/**
 * Names the work that runs in `work`, for the log.
 *
 * @param name such as `POST /tasks (the request's id)`
 */
export function named<T>(name: string, work: () => T): T {
  return places.run({ ...places.getStore(), name }, work);
}

/** Whom the code that runs now works for. */
export function currentName(): string {
  return places.getStore()?.name ?? 'a job';
}

/** Where the code that runs now is, as to a data source. */
export function placeIn(dataSource: DataSource): Place | undefined {
  let place = places.getStore();
  while (place && place.dataSource !== dataSource) place = place.outer;
  return place;
}

/**
 * Whether statements go straight to a connection where the code that runs now is.
 *
 * @throws QueryRunnerAlreadyReleasedError where that has ended: the connection is somebody else's by then
 */
export function isDirect(dataSource: DataSource): boolean {
  const direct = placeIn(dataSource)?.direct;
  if (direct?.over) throw new QueryRunnerAlreadyReleasedError();
  return direct !== undefined;
}

/** Runs `work` in another place. */
export function enter<T>(place: Omit<Place, 'name' | 'outer'>, work: () => T): T {
  const outer = places.getStore();
  return places.run({ ...place, name: outer?.name, outer }, work);
}

/** Runs `work` outside all transactions. */
export function outside<T>(work: () => T): T {
  const name = places.getStore()?.name;
  return places.run(name === undefined ? undefined : { name }, work);
}

/**
 * Calls `callback` once the transaction that runs now is durable, and never if it fails; right away outside of one.
 * In a nested transaction it waits for the outermost.
 *
 * The data is safe by then, so an error of the callback is logged and not thrown. Between an own query runner's
 * `startTransaction()` and `commitTransaction()` it calls back at once, which is before the commit: do the work after
 * `commitTransaction()` instead.
 */
export function afterCommit(callback: () => unknown): void {
  let place = places.getStore();
  while (place && !place.level) place = place.outer;
  if (place?.level) place.level.afterCommit(callback);
  else void logged(callback);
}
