import type { EntityManager } from 'typeorm';
import type { SearchQuery } from './search-query.js';

/** How an entry fits a query, the best first. */
export enum Fit {
  Name,
  LastPart,
  Prefix,
  NameWords,
  TitleWords,
  BodyWords,
  SomeWords,
}

/** An entry that fits, before it is known in detail. */
export interface Candidate {
  readonly id: number;
  readonly fit: Fit;
  /** In which order the index gave it, of those that fit alike. */
  readonly place: number;
}

/** How many are looked at in each step. It bounds the work, whatever is asked. */
const STEP_LIMIT = 200;

/** bm25 counts the rows of each word by itself, however few have all of them: about 1 µs a row. */
const BM25_ROWS = 1_000;

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
    for (const [place, { id }] of ids.entries()) if (!found.has(id)) found.set(id, { id, fit, place });
  };

  const exact = await exactKeys(manager, query);
  add(
    exact.filter(({ whole }) => whole),
    Fit.Name,
  );
  add(exact.filter(({ whole }) => !whole).slice(0, LAST_PARTS_FIRST), Fit.LastPart);
  add(await keysWithPrefix(manager, query), Fit.Prefix);
  const { terms, tellingTerms: telling } = query;
  const steps: readonly (readonly [Fit, string, readonly string[], 'AND' | 'OR'])[] = [
    [Fit.NameWords, 'name', telling, 'AND'],
    [Fit.NameWords, 'name', terms, 'AND'],
    [Fit.TitleWords, 'name title', telling, 'AND'],
    [Fit.BodyWords, 'name title body', telling, 'AND'],
    [Fit.SomeWords, 'name title', telling, 'OR'],
    [Fit.SomeWords, 'name title body', telling, 'OR'],
  ];
  let before = '';
  let isCut = false;
  for (const [fit, columns, words, join] of steps) {
    if (found.size >= ENOUGH || words.length === 0) break;
    // What matches some of the words is for those whom nothing else has helped.
    if (fit === Fit.SomeWords && (found.size > 0 || words.length === 1)) break;
    // All words find nothing that those which say something have not found, unless there was too much of it.
    if (words === terms && !isCut) continue;
    const expression = query.match(columns, words, join);
    if (expression !== before) {
      const rows = await matching(manager, expression);
      isCut = rows.length === STEP_LIMIT;
      const byText = fit === Fit.BodyWords && (await isCheap(manager, query, words, rows.length));
      add(byText ? await matchingByText(manager, expression) : rows, fit);
    }
    before = expression;
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

function matchingByText(manager: EntityManager, expression: string): Promise<{ id: number }[]> {
  const sql = 'SELECT rowid AS id FROM words WHERE words MATCH ? ORDER BY bm25(words, 10, 5, 1)';
  return manager.query(sql, [expression]);
}

/** Whether there is something to order by text, and few enough rows have any of the words. */
async function isCheap(
  manager: EntityManager,
  query: SearchQuery,
  words: readonly string[],
  matches: number,
): Promise<boolean> {
  if (matches < 2 || matches === STEP_LIMIT) return false;
  const most = Math.floor(BM25_ROWS / words.length);
  const sql = `SELECT 1 FROM words WHERE words MATCH ? LIMIT 1 OFFSET ${most}`;
  return (await manager.query<unknown[]>(sql, [query.matchAny(words)])).length === 0;
}
