import type { EntityManager } from 'typeorm';

/** What of the entries their ranks depend on, by id. */
export interface RankTraits {
  readonly names: readonly string[];
  readonly importances: readonly number[];
  readonly placeIds: readonly number[];
}

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
  }
  return traits;
}

async function readTraits(manager: EntityManager): Promise<RankTraits> {
  const rows = await manager.query<{ id: number; name: string; importance: number; place_id: number }[]>(
    'SELECT id, name, importance, place_id FROM entries ORDER BY id',
  );
  // Ids begin at 1 and leave none out.
  const names = [''];
  const importances = [0];
  const placeIds = [0];
  for (const { id, name, importance, place_id } of rows) {
    names[id] = name;
    importances[id] = importance;
    placeIds[id] = place_id;
  }
  return { names, importances, placeIds };
}
