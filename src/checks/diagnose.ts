import { stat } from 'node:fs/promises';
import type { DataSource } from 'typeorm';
import { DatabaseConfig } from '../config/database.config.js';
import { type Environment, SettingsReader } from '../config/environment.js';
import { SearchConfig } from '../config/search.config.js';
import { readMigrationState } from '../database/admin.js';
import { realPlace } from '../files/replace-file.js';
import { readPostgresSetup } from '../storage/postgres-setup.js';
import { openReader } from '../storage/open-for-command.js';
import { openSnapshot, SnapshotError } from '../snapshot/open-snapshot.js';
import { fail, type Finding, ok, warn } from './finding.js';
import {
  diskFinding,
  nameFindings,
  othersFinding,
  permissionFindings,
  versionFindings,
} from './machine-findings.js';
import { settingsFindings } from './settings-findings.js';
import { migrationFinding, sentenceOf } from './verify-database.js';

/** Clocks of two machines are never quite the same. */
const CLOCK_SLACK_MS = 5_000;

/**
 * Looks over all that the service needs: settings, versions, the database, the disk, the clock, the search. Changes
 * nothing: a database that is not there is not made.
 *
 * @param environment settings as in the environment, with those of `.env`
 */
export async function diagnose(environment: Environment): Promise<Finding[]> {
  const settings = [...versionFindings(), ...settingsFindings(environment), ...(await envFileFindings())];
  const isRight = settings.every(({ check, status }) => check !== 'settings' || status === 'ok');
  if (!isRight) {
    return [...settings, warn('database', 'nothing more was looked at: mend the settings first')];
  }
  const reader = new SettingsReader(environment);
  const config = new DatabaseConfig(reader);
  const file = config.engine === 'sqlite' ? await realPlace(config.file) : undefined;
  return [
    ...settings,
    ...(await databaseFindings(config)),
    ...(file === undefined ? [] : await fileFindings(file)),
    await searchFinding(new SearchConfig(reader).file),
  ];
}

async function fileFindings(file: string): Promise<Finding[]> {
  return [...(await nameFindings(file)), ...(await permissionFindings(file)), await diskFinding(file)];
}

/** `.env` may hold the password of PostgreSQL. */
async function envFileFindings(): Promise<Finding[]> {
  const found = await stat('.env').catch(() => undefined);
  return found ? [othersFinding('.env', found.mode)] : [];
}

async function databaseFindings(config: DatabaseConfig): Promise<Finding[]> {
  if (config.engine === 'sqlite' && !(await stat(config.file).catch(() => undefined))) {
    const log = `${await realPlace(config.file)}-wal`;
    // SQLite removes it with the last connection, so the file was taken away, maybe under a service that still runs.
    return (await stat(log).catch(() => undefined))
      ? [
          fail(
            'database',
            `there is no ${config.file}, but its ${log}: stop Daybook, and put the file back or restore a backup`,
          ),
        ]
      : [warn('database', `there is no ${config.file} yet: the first start makes it`)];
  }
  let dataSource: DataSource;
  try {
    dataSource = await openReader(config);
  } catch (error) {
    return [fail('database', sentenceOf(error, `${config.displayUrl} cannot be opened`))];
  }
  try {
    const state = await readMigrationState(dataSource);
    const migrations = state.isMigrated
      ? migrationFinding(state)
      : await emptyFinding(dataSource, config.displayUrl);
    return [
      await engineFinding(dataSource, config),
      migrations,
      await clockFinding(dataSource, state.isMigrated),
    ];
  } catch (error) {
    return [fail('database', sentenceOf(error, `${config.displayUrl} cannot be read`))];
  } finally {
    await dataSource.destroy();
  }
}

/** A database without migrations is one to be filled, if it has nothing else in it. */
async function emptyFinding(dataSource: DataSource, url: string): Promise<Finding> {
  const isFile = dataSource.options.type !== 'postgres';
  const tables = await dataSource.query<unknown[]>(
    isFile
      ? 'SELECT name FROM sqlite_schema LIMIT 1'
      : 'SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LIMIT 1',
  );
  return tables.length === 0
    ? warn('migrations', `none: ${url} is empty, and the first start makes the tables`)
    : warn('migrations', `none: ${url} has tables of something else. Set DATABASE_URL to another`);
}

async function engineFinding(dataSource: DataSource, config: DatabaseConfig): Promise<Finding> {
  const { engine, displayUrl } = config;
  if (engine === 'sqlite') return ok('database', `${displayUrl} can be read`);
  const { version, isStandby, fault } = await readPostgresSetup(dataSource, config);
  if (fault) return fail('database', fault);
  if (isStandby)
    return fail('database', `${displayUrl} is a standby, which takes no writes: take the primary`);
  return ok('database', `${displayUrl} answers, PostgreSQL ${version}`);
}

/** The clock is right where it agrees with the server's, or at least is not before what was written already. */
async function clockFinding(dataSource: DataSource, isMigrated: boolean): Promise<Finding> {
  const now = Date.now();
  if (dataSource.options.type === 'postgres') {
    const [{ time }] = await dataSource.query<[{ time: Date }]>('SELECT clock_timestamp() AS time');
    const seconds = Math.round(Math.abs(time.getTime() - now) / 1_000);
    if (seconds * 1_000 > CLOCK_SLACK_MS) {
      return warn('clock', `${seconds} s away from that of PostgreSQL: set both by NTP`);
    }
  }
  const [last] = isMigrated
    ? await dataSource.query<{ timestamp: string }[]>(
        'SELECT "timestamp" FROM "logs" ORDER BY "id" DESC LIMIT 1',
      )
    : [];
  return last && Date.parse(last.timestamp) > now + CLOCK_SLACK_MS
    ? warn('clock', `it is before the last log entry, of ${last.timestamp}: set it by NTP`)
    : ok('clock', new Date(now).toISOString());
}

async function searchFinding(file: string): Promise<Finding> {
  try {
    await (await openSnapshot(file)).destroy();
    return ok('search', file);
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error;
    return warn(
      'search',
      `${error.message.replace(/\.$/, '')}: it is off until npm run docs:build makes one`,
    );
  }
}
