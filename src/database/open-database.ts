import type { DataSource } from 'typeorm';
import type { UnitRunner } from './unit-of-work.js';

/** What an engine gives: connections that read, connections that write, and how units of work are committed. */
export interface OpenDatabase {
  readonly reader: DataSource;
  readonly writer: DataSource;
  readonly units: UnitRunner;
}
