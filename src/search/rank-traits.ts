import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';

/** What of the entries their ranks depend on, by id. */
export interface RankTraits {
  readonly names: readonly string[];
  readonly importances: readonly number[];
  readonly placeIds: readonly number[];
}

/** How many are read before other work gets its turn. */
const ROWS_A_TURN = 2_000;

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
  const importances = [0];
  const placeIds = [0];
  for (let last = 0; ; last = names.length - 1) {
    const rows = await manager.query<{ id: number; name: string; importance: number; place_id: number }[]>(
      `SELECT id, name, importance, place_id FROM entries WHERE id > ? ORDER BY id LIMIT ${ROWS_A_TURN}`,
      [last],
    );
    for (const { id, name, importance, place_id } of rows) {
      names[id] = name;
      importances[id] = importance;
      placeIds[id] = place_id;
    }
    if (rows.length < ROWS_A_TURN) return { names, importances, placeIds };
    await nextTurn();
  }
}
