import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';
import { nameWords } from '../snapshot/snapshot-format.js';
import { stem } from './search-query.js';

/** What of the entries their ranks depend on, by id. */
export interface RankTraits {
  readonly names: readonly string[];
  /** The different words of names and of summaries without their endings, each between blanks: " sort list ". */
  readonly nameStems: readonly string[];
  readonly summaryStems: readonly string[];
  readonly importances: readonly number[];
  readonly placeIds: readonly number[];
}

/** How many are read before other work gets its turn. */
const ROWS_A_TURN = 500;

const known = new WeakMap<EntityManager, Promise<RankTraits>>();

/**
 * The traits of a snapshot, read once: a query ranks hundreds of entries, and to read these from their rows would be
 * the larger half of its time. They go with the snapshot.
 */
export function rankTraits(manager: EntityManager): Promise<RankTraits> {
  let traits = known.get(manager);
  if (!traits) {
    traits = readTraits(manager);
    known.set(manager, traits);
    // The next who asks tries again.
    traits.catch(() => known.delete(manager));
  }
  return traits;
}

async function readTraits(manager: EntityManager): Promise<RankTraits> {
  // Ids begin at 1 and leave none out.
  const names = [''];
  const nameStems = [''];
  const summaryStems = [''];
  const importances = [0];
  const placeIds = [0];
  for (let last = 0; ; last = names.length - 1) {
    const rows = await manager.query<
      { id: number; name: string; summary: string; importance: number; place_id: number }[]
    >(
      `SELECT id, name, summary, importance, place_id FROM entries WHERE id > ? ORDER BY id LIMIT ${ROWS_A_TURN}`,
      [last],
    );
    for (const { id, name, summary, importance, place_id } of rows) {
      names[id] = name;
      nameStems[id] = stemsOf(nameWords(name));
      summaryStems[id] = stemsOf(summary);
      importances[id] = importance;
      placeIds[id] = place_id;
    }
    if (rows.length < ROWS_A_TURN) return { names, nameStems, summaryStems, importances, placeIds };
    await nextTurn();
  }
}

function stemsOf(text: string): string {
  const stems = new Set((text.toLowerCase().match(/[\p{L}\p{N}\p{Co}]+/gu) ?? []).map(stem));
  return ` ${[...stems].join(' ')} `;
}
