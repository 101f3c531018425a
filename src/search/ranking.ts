import { nameWords } from '../snapshot/snapshot-format.js';
import { type Candidate, Fit } from './candidates.js';
import { type SearchQuery, stem } from './search-query.js';

/** What of an entry its rank depends on. */
export interface RankedFields {
  readonly id: number;
  readonly name: string;
  readonly importance: number;
  readonly url: string;
}

/** An entry with its rank. */
export interface Ranked {
  readonly id: number;
  readonly score: number;
}

/** More than importance and words can make up for: what fits better stands first. */
const FIT_STEP = 1_000;

/** Orders candidates, the best first, and leaves out those that are described in the same place as a better one. */
export function rank(
  candidates: readonly Candidate[],
  fields: readonly RankedFields[],
  query: SearchQuery,
): Ranked[] {
  const fieldsOf = new Map(fields.map((one) => [one.id, one]));
  const ranked = candidates
    .flatMap((candidate) => {
      const entry = fieldsOf.get(candidate.id);
      return entry ? [{ id: entry.id, url: entry.url, score: scoreOf(candidate, entry, query) }] : [];
    })
    .toSorted((a, b) => b.score - a.score || a.id - b.id);
  const places = new Set<string>();
  return ranked
    .filter(({ url }) => !places.has(url) && places.add(url))
    .map(({ id, score }) => ({ id, score: Math.round(score * 10) / 10 }));
}

function scoreOf({ fit, place }: Candidate, { name, importance }: RankedFields, query: SearchQuery): number {
  const base = (Fit.SomeWords - fit + 1) * FIT_STEP + importance;
  switch (fit) {
    case Fit.Name:
    case Fit.LastPart:
    case Fit.Prefix:
      // `path` is os.path before pathlib.Path, and `Path` the other way round.
      return base + (spelledAlike(name, query.spelling) ? 100 : 0);
    case Fit.BodyWords:
      return base + 100 / (1 + place / 10);
    default:
      return base + wordScore(name, query.tellingTerms);
  }
}

function spelledAlike(name: string, spelling: string): boolean {
  return name === spelling || name.endsWith(`.${spelling}`) || name.startsWith(spelling);
}

/** How much of the name and of the query is in the other, from 0 to 300. */
function wordScore(name: string, terms: readonly string[]): number {
  const words = new Set(
    nameWords(name)
      .toLowerCase()
      .match(/[\p{L}\p{N}\p{Co}]+/gu) ?? [],
  );
  const stems = new Set([...words].map(stem));
  const whole = terms.filter((term) => words.has(term) || stems.has(stem(term))).length;
  return (200 * whole) / Math.max(1, terms.length) + (100 * whole) / Math.max(1, stems.size);
}
