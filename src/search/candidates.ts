import type { EntityManager } from 'typeorm';
import type { SearchQuery } from './search-query.js';

/** How an entry fits a query, the best first. */
export enum Fit {
  Name,
  LastPart,
  Prefix,
  Words,
  SomeWords,
}

/** An entry that fits, before it is known in detail. */
export interface Candidate {
  readonly id: number;
  readonly fit: Fit;
}

/** How many are looked at in each step. It bounds the work, whatever is asked. */
const STEP_LIMIT = 200;

/** So many exact last parts stand before names that begin so: there are many called `name`, and one `namedtuple`. */
const LAST_PARTS_FIRST = 3;

/** With so many there is no need to look for what fits less. */
const ENOUGH = 50;

/**
 * Finds the entries that may fit a query, in steps from the best fit to the least.
 *
 * Ids are ranks of importance, and each step reads in their order and ends early. So a query that fits half of the
 * documentation costs no more than another, and misses only what matters least.
 */
export async function findCandidates(manager: EntityManager, query: SearchQuery): Promise<Candidate[]> {
  const found = new Map<number, Candidate>();
  const add = (ids: readonly { id: number }[], fit: Fit) => {
    for (const { id } of ids) if (!found.has(id)) found.set(id, { id, fit });
  };

  const exact = await exactKeys(manager, query);
  add(
    exact.filter(({ whole }) => whole),
    Fit.Name,
  );
  add(exact.filter(({ whole }) => !whole).slice(0, LAST_PARTS_FIRST), Fit.LastPart);
  add(await keysWithPrefix(manager, query), Fit.Prefix);
  const { tellingTerms: telling } = query;
  if (telling.length === 0) return [...found.values()];
  // Summaries say what a name does not, even where many names fit.
  const described = await matching(manager, query.match('name summary', telling, 'AND'));
  add(described, Fit.Words);
  if (described.length === STEP_LIMIT) {
    // Names that fit may be behind more important entries whose summaries do.
    add(await matching(manager, query.match('name', telling, 'AND')), Fit.Words);
  }
  if (found.size < ENOUGH) {
    add(await matching(manager, query.match('name summary title body', telling, 'AND')), Fit.Words);
  }
  // What matches some of the words is for those whom nothing else has helped.
  if (found.size > 0 || telling.length === 1) return [...found.values()];
  for (const columns of ['name summary', 'name summary title body']) {
    if (found.size < ENOUGH) add(await matching(manager, query.match(columns, telling, 'OR')), Fit.SomeWords);
  }
  return [...found.values()];
}

interface KeyRow {
  readonly id: number;
  readonly whole: number;
}

function exactKeys(manager: EntityManager, { names, kind }: SearchQuery): Promise<KeyRow[]> {
  const sql = `SELECT entry_id AS id, whole FROM keys
    WHERE key IN (SELECT value FROM json_each(?)) AND (? = '' OR kind = ? COLLATE NOCASE) ORDER BY whole DESC, entry_id LIMIT ${STEP_LIMIT}`;
  return manager.query(sql, [JSON.stringify(names), kind, kind]);
}

function keysWithPrefix(
  manager: EntityManager,
  { names: [name = ''], kind }: SearchQuery,
): Promise<KeyRow[]> {
  const sql = `SELECT entry_id AS id FROM keys
    WHERE key >= ? AND key < ? AND (? = '' OR kind = ? COLLATE NOCASE) ORDER BY entry_id LIMIT ${STEP_LIMIT}`;
  // Behind every text that begins so.
  return manager.query(sql, [name, `${name}\u{10FFFF}`, kind, kind]);
}

function matching(manager: EntityManager, expression: string): Promise<{ id: number }[]> {
  const sql = `SELECT rowid AS id FROM words WHERE words MATCH ? ORDER BY rowid LIMIT ${STEP_LIMIT}`;
  return manager.query(sql, [expression]);
}
