import filenamify from 'filenamify';

/** In bytes of UTF-8, of which most file systems take 255 in a name; what follows it needs some, too. */
const MAX_BYTES = 180;

/** Gives names to files that every operating system takes, none of them twice. */
export class FileNames {
  private readonly taken = new Set<string>();

  /** @param title what the file is about; where its name is taken, a number follows it */
  next(title: string, extension: string): string {
    const base = shorten(filenamify(title, { replacement: '_' })) || 'Untitled';
    for (let n = 1; ; n += 1) {
      const name = `${base}${n === 1 ? '' : ` (${n})`}${extension}`;
      // Windows and macOS do not tell large letters from small ones.
      const key = name.normalize('NFC').toLowerCase();
      if (this.taken.has(key)) continue;
      this.taken.add(key);
      return name;
    }
  }
}

function shorten(name: string): string {
  let short = '';
  for (const { segment } of new Intl.Segmenter().segment(name)) {
    if (Buffer.byteLength(short + segment) > MAX_BYTES) break;
    short += segment;
  }
  return short.replace(/[. ]+$/, '');
}
