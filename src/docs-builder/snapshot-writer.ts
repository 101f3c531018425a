import { rename, rm, stat } from 'node:fs/promises';
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

/**
 * Writes a snapshot in the place of the file that may be there, in one step: whoever opens it sees the old or the new
 * one, and a build that is killed leaves the old.
 *
 * @returns its size in bytes
 * @throws SourceError where there is no such folder
 */
export async function writeSnapshot(file: string, entries: RankedEntry[], baseUrl: string): Promise<number> {
  const folder = dirname(file);
  if (!(await stat(folder).catch(() => undefined))?.isDirectory()) {
    throw new SourceError(`There is no folder ${folder} for the snapshot.`);
  }
  const temporary = join(folder, `.${basename(file)}.${process.pid}.tmp`);
  try {
    fill(temporary, entries, baseUrl);
    await syncToDisk(temporary);
    await rename(temporary, file);
    await syncToDisk(folder);
  } finally {
    await rm(temporary, { force: true });
  }
  return (await stat(file)).size;
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
  const words = database.prepare('INSERT INTO words (rowid, name, title, body, kind) VALUES (?, ?, ?, ?, ?)');
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
      descriptions.run(ids.size, description.html, description.text);
    }
    const descriptionId = (description && ids.get(description)) ?? null;
    const summary = description?.summary ?? '';
    const url = baseUrl + place;
    if (!places.has(place)) places.set(place, id);
    const placeId = places.get(place);
    rows.run(id, name, kind, signature || null, summary, pageTitle, url, importance, placeId, descriptionId);
    for (const { key, whole } of searchKeys(name, kind)) keys.run(key, id, Number(whole), kind);
    words.run(id, nameWords(name), `${heading} ${pageTitle}`, body, kindWord(kind));
  }
}
