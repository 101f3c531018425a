/** The path of the search page for a query. */
export function searchPath(query: { q: string; kind?: string; limit?: number; offset?: number }): string {
  const { q, kind = '', limit = 20, offset = 0 } = query;
  const parameters = new URLSearchParams({ q });
  if (kind !== '') parameters.set('kind', kind);
  if (limit !== 20) parameters.set('limit', String(limit));
  if (offset !== 0) parameters.set('offset', String(offset));
  return `/search?${parameters.toString()}`;
}

/** The path of the page of an entry, and of no other with its name. */
export function entryPath({ name, kind, url }: { name: string; kind: string; url: string }): string {
  return `/search/${encodeURIComponent(name)}?${new URLSearchParams({ kind, url }).toString()}`;
}
