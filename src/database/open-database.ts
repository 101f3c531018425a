import type { DataSource } from 'typeorm';
import type { DatabaseChanges } from './database-changes.js';
import type { UnitRunner } from './unit-of-work.js';

/** What an engine gives: connections that read and that write, how units of work are committed, and what changes. */
export interface OpenDatabase {
  readonly reader: DataSource;
  readonly writer: DataSource;
  readonly units: UnitRunner;
  readonly changes: DatabaseChanges;
}
