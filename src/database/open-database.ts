import type { DataSource } from 'typeorm';
import type { DatabaseChanges } from './database-changes.js';
import type { Housekeeping } from './housekeeping.js';
import type { UnitRunner } from './unit-of-work.js';

/** What an engine gives: connections that read and that write, how units of work are committed, what changes, and what is tidied up. */
export interface OpenDatabase {
  readonly reader: DataSource;
  readonly writer: DataSource;
  readonly units: UnitRunner;
  readonly changes: DatabaseChanges;
  readonly housekeeping: Housekeeping;
}
