/** A text under which an entry is found at once. */
export interface SearchKey {
  readonly key: string;
  /** Whether it is the whole name, and not a part of it behind a dot. */
  readonly whole: boolean;
}

/** The whole name and each part behind a dot, in lower case: `os.path.join`, `path.join` and `join`. */
export function searchKeys(name: string, kind: string): SearchKey[] {
  const lower = name.toLowerCase();
  const keys = [{ key: lower, whole: true }];
  // The dots of a sentence part nothing, and nobody looks for a parameter without its function.
  if (['section', 'page', 'term', 'c-parameter'].includes(kind)) return keys;
  for (let dot = lower.indexOf('.'); dot !== -1; dot = lower.indexOf('.', dot + 1)) {
    const key = lower.slice(dot + 1);
    if (/^[\w-]/.test(key)) keys.push({ key, whole: false });
  }
  return keys;
}
