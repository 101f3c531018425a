import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OLDEST_NODE, VERSION } from '../version.js';
import { fail, type Finding, ok, warn } from './finding.js';

const MIB = 1_048_576;

/** Below this a commit may fail soon; below the other, a backup or a migration may. */
const LEAST_FREE_MIB = 64;
const FEW_FREE_MIB = 1_024;

/** Daybook's version, and whether Node is new enough for it. */
export function versionFindings(nodeVersion = process.versions.node): Finding[] {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE.split('.').map(Number);
  const isOld = major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
  return [
    ok('version', `Daybook ${VERSION}`),
    isOld
      ? fail('node', `${nodeVersion} is too old: install Node.js ${OLDEST_NODE} or newer`)
      : ok('node', nodeVersion),
  ];
}

/** The room on the disk of the SQLite file. */
export async function diskFinding(file: string): Promise<Finding> {
  const folder = await firstFolder(dirname(file));
  const { bavail, bsize } = await statfs(folder);
  const free = (bavail * bsize) / MIB;
  const text = `${Math.floor(free).toLocaleString('en-US')} MiB are free at ${folder}`;
  if (free < LEAST_FREE_MIB) return fail('disk', `${text}: make room`);
  const size = ((await stat(file).catch(() => undefined))?.size ?? 0) / MIB;
  // A backup beside it needs as much again, and so does the log during a migration or an import.
  if (free < Math.max(FEW_FREE_MIB, 2 * size)) return warn('disk', `${text}, which is little: make room`);
  return ok('disk', text);
}

/** Whether this user may use the SQLite file, and others may not. */
export async function permissionFindings(file: string): Promise<Finding[]> {
  const found = await stat(file).catch(() => undefined);
  const folder = await firstFolder(dirname(file));
  // SQLite makes files beside its own.
  if (!(await may(folder))) {
    return [
      fail('permissions', `this user may not write to ${folder}: run it as the service's, or chown it`),
    ];
  }
  if (!found) return [ok('permissions', `the file can be made in ${folder}`)];
  if (!(await may(file))) {
    return [fail('permissions', `this user may not write to ${file}: run it as the service's, or chown it`)];
  }
  return [othersFinding(file, found.mode)];
}

/** Whether the SQLite file has one name only. SQLite keeps a log by each, and they destroy the database together. */
export async function nameFindings(file: string): Promise<Finding[]> {
  const found = await stat(file).catch(() => undefined);
  if (!found || found.nlink < 2) return [];
  const text = `${file} has ${found.nlink} names (hard links): remove the others, after a look at who uses them`;
  return [warn('names', text)];
}

/** Whether others may read what is secret, such as hashes of passwords. */
export function othersFinding(file: string, mode: number): Finding {
  if ((mode & 0o002) !== 0) return fail('permissions', `everybody may write to ${file}: chmod 600 ${file}`);
  if ((mode & 0o004) !== 0) return warn('permissions', `everybody may read ${file}: chmod 600 ${file}`);
  return ok('permissions', `${file} is for its owner and group alone`);
}

async function may(path: string): Promise<boolean> {
  return access(path, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
}

/** The folder itself, or the nearest above it that is there. */
async function firstFolder(folder: string): Promise<string> {
  const found = await stat(folder).catch(() => undefined);
  return found?.isDirectory() || dirname(folder) === folder ? folder : firstFolder(dirname(folder));
}
