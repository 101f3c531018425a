import { nameWords } from '../snapshot/snapshot-format.js';
import { type Candidate, Fit } from './candidates.js';
import type { RankTraits } from './rank-traits.js';
import { type SearchQuery, stem } from './search-query.js';

/** An entry with its rank. */
export interface Ranked {
  readonly id: number;
  readonly score: number;
}

/** More than importance and words can make up for: what fits better stands first. */
const FIT_STEP = 1_000;

/** Orders candidates, the best first, and leaves out those that are described in the same place as a better one. */
export function rank(candidates: readonly Candidate[], traits: RankTraits, query: SearchQuery): Ranked[] {
  const ranked = candidates
    .map((candidate) => ({ id: candidate.id, score: scoreOf(candidate, traits, query) }))
    .toSorted((a, b) => b.score - a.score || a.id - b.id);
  const places = new Set<number>();
  return ranked.filter(({ id }) => {
    const place = traits.placeIds[id] ?? id;
    return !places.has(place) && places.add(place);
  });
}

function scoreOf({ id, fit, place }: Candidate, traits: RankTraits, query: SearchQuery): number {
  const name = traits.names[id] ?? '';
  const base = (Fit.SomeWords - fit + 1) * FIT_STEP + (traits.importances[id] ?? 0);
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

/** The whole name or its last part, or the beginning of either. */
function spelledAlike(name: string, spelling: string): boolean {
  return name.startsWith(spelling) || name.includes(`.${spelling}`);
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
