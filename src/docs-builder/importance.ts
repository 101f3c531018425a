import type { EntryDraft } from './draft.js';

/** How much each kind of entry is wanted, before anything else is known. */
const BY_KIND: Record<string, number> = {
  statement: 95,
  keyword: 90,
  module: 80,
  class: 60,
  function: 60,
  decorator: 60,
  exception: 45,
  method: 45,
  classmethod: 45,
  staticmethod: 45,
  property: 35,
  attribute: 30,
  data: 35,
  term: 40,
  page: 30,
  section: 25,
  option: 25,
  environment: 25,
  '2to3fixer': 2,
  token: 2,
  'c-parameter': 1,
};
const OTHER_KINDS = 10;

const OF_THE_LANGUAGE = new Set(['class', 'function', 'exception', 'data']);

/** Parts of Python's documentation that most readers want before, or after, the rest. */
const BY_PAGE: readonly (readonly [RegExp, number])[] = [
  [/^tutorial\//, 30],
  [/^howto\//, 8],
  [/^faq\//, -5],
  [/^(whatsnew|distutils|install|distributing)\//, -25],
  [/^c-api\//, -45],
];

/** A number that is larger the more people want an entry, for one of two that fit a query equally well. */
export function importanceOf({ name, kind, page }: EntryDraft, links: number): number {
  const place = BY_PAGE.find(([pattern]) => pattern.test(page))?.[1] ?? 0;
  return (BY_KIND[kind] ?? OTHER_KINDS) + place + builtIn(name, kind) + 5 * Math.min(8, Math.log2(1 + links));
}

/** What needs no import is the language's own: `len`, `dict` and `dict.get`, but not `os.path.join`. */
function builtIn(name: string, kind: string): number {
  if (OF_THE_LANGUAGE.has(kind) && !name.includes('.')) return 40;
  return kind === 'method' && /^[^.]+\.[^.]+$/.test(name) ? 20 : 0;
}
