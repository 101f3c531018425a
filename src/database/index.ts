/** A TypeORM DataSource that is right under concurrency (README.md), and statements that are compiled once. */
export { isUnavailable, isUniqueViolation } from './errors.js';
export { InsertBatcher } from './insert-batcher.js';
export { afterCommit, named } from './places.js';
export { SessionDataSource, type SessionDataSourceOptions } from './session-data-source.js';
export { BulkInsert } from './statements/bulk-insert.js';
export { JsonLists } from './statements/json-lists.js';
export { JsonSearch } from './statements/json-search.js';
export type { Members } from './statements/json-sql.js';
export { NewRows } from './statements/new-rows.js';
