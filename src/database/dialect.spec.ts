import { DataSource } from 'typeorm';
import { dialectOf } from './dialect.js';
import { postgresDialect } from './postgres/dialect.js';
import { sqliteDialect } from './sqlite/dialect.js';

describe('dialectOf', () => {
  it("answers the engine's dialect", () => {
    expect(dialectOf(new DataSource({ type: 'better-sqlite3', database: ':memory:' }))).toBe(sqliteDialect);
    expect(dialectOf(new DataSource({ type: 'postgres' }))).toBe(postgresDialect);
  });
});
