import { setImmediate as nextTurn } from 'node:timers/promises';
import { In, type ObjectLiteral, type Repository } from 'typeorm';
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js';

/** Rows of one statement: many parameters, and a moment on the event loop. */
const AT_ONCE = 500;

/** Of the rows with these external ids, the record as it came and these columns. */
export async function byExternalId<
  Row extends ObjectLiteral & { externalId: string | null; source: string | null },
  Column extends keyof Row & string,
>(repository: Repository<Row>, columns: Column[], externalIds: readonly string[]) {
  const found = new Map<string, Pick<Row, Column | 'externalId' | 'source'>>();
  for await (const ids of parts([...new Set(externalIds)])) {
    const rows = await rawRows(repository, [...columns, 'externalId', 'source'], 'externalId', ids);
    for (const row of rows) found.set(row.externalId!, row);
  }
  return found;
}

/** Rows as the driver has them, some of their columns: to make entities of them takes several times as long. */
export function rawRows<Row extends ObjectLiteral, Column extends keyof Row & string>(
  repository: Repository<Row>,
  columns: Column[],
  key: Column,
  values: unknown[],
): Promise<Pick<Row, Column>[]> {
  const query = repository
    .createQueryBuilder('row')
    .select([])
    .where(`row.${key} IN (:...values)`, { values });
  for (const column of columns) query.addSelect(`row.${column}`, column);
  return query.getRawMany<Pick<Row, Column>>();
}

/** Inserts copies of these rows, as a transaction may run again. Answers them with their ids. */
export async function insertAll<Row extends ObjectLiteral>(
  repository: Repository<Row>,
  rows: readonly QueryDeepPartialEntity<Row>[],
): Promise<Row[]> {
  const copies = rows.map((row) => ({ ...row }));
  for await (const part of parts(copies)) await repository.insert(part);
  return copies as unknown as Row[];
}

/** Puts rows in the place of those with the same external ids. To update each would be a statement each. */
export async function replaceAll<Row extends ObjectLiteral & { externalId: string }>(
  repository: Repository<Row>,
  rows: (QueryDeepPartialEntity<Row> & { externalId: string })[],
): Promise<void> {
  for await (const part of parts(rows)) {
    await repository.delete({ externalId: In(part.map(({ externalId }) => externalId)) } as never);
    // One statement, and not repository.insert(): each is slow on SQLite where much was changed in a transaction before.
    const insert = repository.createQueryBuilder().insert();
    // The columns are named, as a generated id is left out otherwise on PostgreSQL.
    await insert.into(repository.target, Object.keys(part[0]!)).values(part).updateEntity(false).execute();
  }
}

/** Some of them at a time. On SQLite nothing else waits for anything, so others get their turns here. */
export async function* parts<T>(all: readonly T[]): AsyncGenerator<T[]> {
  for (let n = 0; n < all.length; n += AT_ONCE) {
    yield all.slice(n, n + AT_ONCE);
    await nextTurn();
  }
}
