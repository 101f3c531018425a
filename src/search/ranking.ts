import { type Candidate, Fit } from './candidates.js';
import type { RankTraits } from './rank-traits.js';
import type { SearchQuery } from './search-query.js';

/** An entry with its rank. */
export interface Ranked {
  readonly id: number;
  readonly score: number;
}

/** More than importance and words can make up for: a name that fits stands before words that do. */
const FIT_SCORES: Record<Fit, number> = {
  [Fit.Name]: 4_000,
  [Fit.LastPart]: 3_000,
  [Fit.Prefix]: 2_000,
  [Fit.Words]: 1_000,
  [Fit.SomeWords]: 0,
};

/** Orders candidates, the best first, and leaves out those that are described in the same place as a better one. */
export function rank(candidates: readonly Candidate[], traits: RankTraits, query: SearchQuery): Ranked[] {
  const { spelling, tellingStems } = query;
  const ranked = candidates
    .map(({ id, fit }) => ({
      id,
      score:
        FIT_SCORES[fit] +
        (fit < Fit.Words ? nameScore(id, traits, spelling) : wordScore(id, traits, tellingStems)),
    }))
    .toSorted((a, b) => b.score - a.score || a.id - b.id);
  const places = new Set<number>();
  return ranked.filter(({ id }) => {
    const place = traits.placeIds[id] ?? id;
    return !places.has(place) && places.add(place);
  });
}

function nameScore(id: number, { names, importances }: RankTraits, spelling: string): number {
  // `path` is os.path before pathlib.Path, and `Path` the other way round.
  return (importances[id] ?? 0) + (spelledAlike(names[id] ?? '', spelling) ? 100 : 0);
}

/** The whole name or its last part, or the beginning of either. */
function spelledAlike(name: string, spelling: string): boolean {
  return name.startsWith(spelling) || name.includes(`.${spelling}`);
}

/**
 * How much of the query is in the name and in the summary, and of the name in the query, with importance. The weights
 * are those with which bench/relevance.mjs finds most, on every other of its queries in words.
 */
function wordScore(id: number, traits: RankTraits, tellingStems: readonly string[]): number {
  const name = traits.nameStems[id] ?? '';
  const summary = traits.summaryStems[id] ?? '';
  let inName = 0;
  let inEither = 0;
  for (const stem of tellingStems) {
    const ofName = fitOf(name, stem);
    inName += ofName;
    inEither += Math.max(ofName, fitOf(summary, stem));
  }
  const importance = traits.importances[id] ?? 0;
  const words = Math.max(1, name.split(' ').length - 2);
  return (
    2 * importance +
    (100 * inName + 200 * inEither) / Math.max(1, tellingStems.length) +
    (100 * inName) / words
  );
}

/** 1 where it is one of the words, and half where one only begins so: `time` is not "times" or "timeout". */
function fitOf(words: string, stem: string): number {
  if (words.includes(`${stem} `)) return 1;
  return words.includes(stem) ? 0.5 : 0;
}
