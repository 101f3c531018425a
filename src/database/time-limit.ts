/**
 * Settles as `work` does, or rejects with `onTimeout()` when it takes longer than `limitMs`.
 * Work cannot be stopped from outside: the caller sees to it that what goes on does no harm.
 */
export function withTimeLimit<T>(work: Promise<T>, limitMs: number, onTimeout: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(onTimeout()), limitMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
