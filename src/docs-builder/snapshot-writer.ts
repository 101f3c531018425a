import { randomUUID } from 'node:crypto';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { syncToDisk } from '../files/replace-file.js';
import {
  kindWord,
  nameWords,
  SNAPSHOT_APPLICATION_ID,
  SNAPSHOT_SCHEMA,
  SNAPSHOT_VERSION,
} from '../snapshot/snapshot-format.js';
import type { DescriptionDraft, EntryDraft } from './draft.js';
import { searchKeys } from './search-keys.js';
import { SourceError } from './source-error.js';

/** An entry with what orders it among all. */
export interface RankedEntry extends EntryDraft {
  readonly importance: number;
}

/** A file that nobody has written to for so long was left by a build that was killed. */
const STALE_MS = 3_600_000;

/** Refuses a place where no snapshot can be. @throws SourceError */
export async function checkPlace(file: string): Promise<void> {
  const folder = dirname(file);
  if (!(await stat(folder).catch(() => undefined))?.isDirectory()) {
    throw new SourceError(`There is no folder ${folder} for the snapshot.`);
  }
  if ((await stat(file).catch(() => undefined))?.isDirectory()) {
    throw new SourceError(`${file} is a folder: give --out the name of a file.`);
  }
}

/**
 * Writes a snapshot in the place of the file that may be there, in one step: whoever opens it sees the old or the new
 * one, and a build that is killed leaves the old. Of builds at the same time the last wins.
 *
 * @returns its size in bytes
 * @throws SourceError where it cannot be written
 */
export async function writeSnapshot(file: string, entries: RankedEntry[], baseUrl: string): Promise<number> {
  const folder = dirname(file);
  const prefix = `.${basename(file)}.`;
  const temporary = join(folder, `${prefix}${randomUUID()}.tmp`);
  try {
    await removeStale(folder, prefix);
    // Fails where the file is there already, or is a link to another.
    await (await open(temporary, 'wx')).close();
    fill(temporary, entries, baseUrl);
    await syncToDisk(temporary);
    await rename(temporary, file);
    await syncToDisk(folder);
    return (await stat(file)).size;
  } catch (error) {
    throw new SourceError(`${file} cannot be written: ${(error as Error).message}.`);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function removeStale(folder: string, prefix: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix) || !/^[\da-f-]+\.tmp$/.test(name.slice(prefix.length))) continue;
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (found && found.mtimeMs < Date.now() - STALE_MS) await rm(join(folder, name), { force: true });
  }
}

function fill(file: string, entries: RankedEntry[], baseUrl: string): void {
  const database = new Database(file);
  try {
    // Nobody else opens it before it is whole, and a build that ends early is begun again.
    database.pragma('journal_mode = OFF');
    database.pragma('synchronous = OFF');
    database.exec(SNAPSHOT_SCHEMA);
    database.transaction(() => insertAll(database, entries, baseUrl))();
    database.exec("INSERT INTO words (words) VALUES ('optimize')");
    database.exec('VACUUM');
    database.pragma(`application_id = ${SNAPSHOT_APPLICATION_ID}`);
    database.pragma(`user_version = ${SNAPSHOT_VERSION}`);
  } finally {
    database.close();
  }
}

function insertAll(database: Database.Database, entries: RankedEntry[], baseUrl: string): void {
  const descriptions = database.prepare('INSERT INTO descriptions VALUES (?, ?, ?)');
  const rows = database.prepare('INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const keys = database.prepare('INSERT OR IGNORE INTO keys VALUES (?, ?, ?, ?)');
  const words = database.prepare(
    'INSERT INTO words (rowid, name, summary, title, body, kind) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const ids = new Map<DescriptionDraft, number>();
  /** The most important entry of each place. */
  const places = new Map<string, number>();

  for (const [index, entry] of entries.entries()) {
    const { name, kind, signature, heading, pageTitle, place, importance, description } = entry;
    const id = index + 1;
    // A text that several share is found once, through the most important of them.
    const body = description && !ids.has(description) ? description.text : '';
    if (description && !ids.has(description)) {
      ids.set(description, ids.size + 1);
      descriptions.run(ids.size, description.text, description.html);
    }
    const descriptionId = (description && ids.get(description)) ?? null;
    const summary = description?.summary ?? '';
    // A path whose first part looks like "scheme:" would be one (RFC 3986, 4.2).
    const url = baseUrl === '' && /^[^/?#]*:/.test(place) ? `./${place}` : baseUrl + place;
    if (!places.has(place)) places.set(place, id);
    const placeId = places.get(place);
    rows.run(id, name, kind, signature || null, summary, pageTitle, url, importance, placeId, descriptionId);
    for (const { key, whole } of searchKeys(name, kind)) keys.run(key, id, Number(whole), kind);
    words.run(id, nameWords(name), summary, `${heading} ${pageTitle}`, body, kindWord(kind));
  }
}
