import { SingleBar } from 'cli-progress';

/** Told how far something is. */
export type OnProgress = (done: number, all: number) => void;

/** Runs `work` with a bar on standard error where that is a terminal. */
export async function withProgress<T>(work: (onProgress: OnProgress) => Promise<T>): Promise<T> {
  const bar = new SingleBar({
    format: '{bar} {percentage} % · {duration_formatted}',
    barsize: 24,
    clearOnComplete: true,
    hideCursor: true,
  });
  let begun = false;
  try {
    return await work((done, all) => {
      if (!begun) bar.start(all, 0);
      begun = true;
      bar.update(done);
    });
  } finally {
    if (begun) bar.stop();
  }
}
