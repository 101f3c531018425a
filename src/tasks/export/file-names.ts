import filenamify from 'filenamify';

/** In bytes of UTF-8, of which most file systems take 255 in a name; what follows it needs some, too. */
const MAX_BYTES = 180;

/** Gives names to files that every operating system takes, none of them twice. */
export class FileNames {
  private readonly taken = new Set<string>();
  /** The number of the last by its name without one: of very many that are alike, each would ask for all before it. */
  private readonly last = new Map<string, number>();

  /** @param title what the file is about; where its name is taken, a number follows it */
  next(title: string, extension: string): string {
    const base = shorten(filenamify(title, { replacement: '_' })) || 'Untitled';
    const known = keyOf(base);
    for (let n = (this.last.get(known) ?? 0) + 1; ; n += 1) {
      const name = `${base}${n === 1 ? '' : ` (${n})`}${extension}`;
      const key = keyOf(name);
      if (this.taken.has(key)) continue;
      this.taken.add(key);
      this.last.set(known, n);
      return name;
    }
  }
}

/** Windows and macOS do not tell large letters from small ones. */
const keyOf = (name: string): string => name.normalize('NFC').toLowerCase();

function shorten(name: string): string {
  let short = '';
  for (const { segment } of new Intl.Segmenter().segment(name)) {
    if (Buffer.byteLength(short + segment) > MAX_BYTES) break;
    short += segment;
  }
  return short.replace(/[. ]+$/, '');
}
