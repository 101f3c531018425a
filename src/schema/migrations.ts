import type { MigrationInterface } from 'typeorm';
import { CreateTables1764000000000 } from './migrations/1764000000000-create-tables.js';
import { TaskDetails1764100000000 } from './migrations/1764100000000-task-details.js';
import { IndexLogTimes1764200000000 } from './migrations/1764200000000-index-log-times.js';
import { TaskOrigin1764300000000 } from './migrations/1764300000000-task-origin.js';
import { BigintIds1764400000000 } from './migrations/1764400000000-bigint-ids.js';
import { LogSweeps1764500000000 } from './migrations/1764500000000-log-sweeps.js';

/** All migrations, oldest first. A new one is added at the end. */
export const migrations: (new () => MigrationInterface)[] = [
  CreateTables1764000000000,
  TaskDetails1764100000000,
  IndexLogTimes1764200000000,
  TaskOrigin1764300000000,
  BigintIds1764400000000,
  LogSweeps1764500000000,
];

/** Their names, oldest first. */
export const migrationNames = (): string[] => migrations.map(({ name }) => name);
