import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, posix, relative, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import tar from 'tar-stream';
import bunzip2 from 'unbzip2-stream';
import yauzl from 'yauzl';
import { SourceError } from './source-error.js';

/** The files of a source that a build reads, by their paths in it, with slashes. */
export interface SourceFiles {
  readonly paths: readonly string[];
  read(path: string): Promise<Buffer>;
}

const WANTED = /(\.html?|\.md|(^|\/)objects\.inv)$/i;
const MAX_FILE_BYTES = 64 * 1024 * 1024;
/** Python's documentation has 70 MB of pages. */
const MAX_TOTAL_BYTES = 512 * 1024 * 1024;

/**
 * Opens folders, files, a .zip or a .tar.bz2.
 *
 * Nothing of an archive is written to the disk, and no symbolic link is followed: a path leads nowhere else.
 * @throws SourceError where it is not there or cannot be read
 */
export async function openSource(sources: readonly string[]): Promise<SourceFiles> {
  const [first = ''] = sources;
  if (sources.length === 1 && /\.zip$/i.test(first)) return openArchive(first, readZip);
  if (sources.length === 1 && /\.(tar\.bz2|tbz2?)$/i.test(first)) return openArchive(first, readTar);
  const files = new Map<string, string>();
  for (const source of sources) await addFiles(source, sources.length > 1, files);
  return { paths: [...files.keys()].toSorted(), read: (path) => readFile(files.get(path) ?? path) };
}

async function addFiles(source: string, withFolder: boolean, files: Map<string, string>): Promise<void> {
  const found = await stat(source).catch(() => undefined);
  if (!found) throw new SourceError(`There is no ${source}.`);
  if (!found.isDirectory()) {
    if (!WANTED.test(source)) throw new SourceError(`${source} is no folder, .zip, .tar.bz2 or .md.`);
    addFile(basename(source), source, files);
    return;
  }
  const root = withFolder ? dirname(source.replace(/\/+$/, '')) : source;
  // The entries themselves and not what they lead to: a symbolic link is not a file here.
  for (const entry of await readdir(source, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile() && WANTED.test(file)) addFile(relative(root, file).split(sep).join('/'), file, files);
  }
}

function addFile(path: string, file: string, files: Map<string, string>): void {
  const other = files.get(path);
  if (other !== undefined && resolve(other) !== resolve(file)) {
    throw new SourceError(`${other} and ${file} would both be ${path}: build from a folder that holds both.`);
  }
  files.set(path, file);
}

type ReadArchive = (
  file: string,
  add: (path: string, size: number, open: OpenFile) => Promise<void>,
) => Promise<void>;
type OpenFile = () => Promise<AsyncIterable<Buffer>>;

async function openArchive(file: string, readArchive: ReadArchive): Promise<SourceFiles> {
  if (!(await stat(file).catch(() => undefined))?.isFile())
    throw new SourceError(`There is no file ${file}.`);
  const files = new Map<string, Buffer>();
  let total = 0;
  const add = async (path: string, size: number, open: OpenFile) => {
    if (leadsOut(path)) throw new SourceError(`${file} holds a path that leads out of it.`);
    if (!WANTED.test(path)) return;
    total += size;
    if (size > MAX_FILE_BYTES || total > MAX_TOTAL_BYTES) {
      throw new SourceError(`${file} unpacks to more than is taken: 64 MiB a file, 512 MiB in all.`);
    }
    files.set(posix.normalize(path), await collect(await open(), size));
  };
  try {
    await readArchive(file, add);
  } catch (error) {
    if (error instanceof SourceError) throw error;
    throw new SourceError(`${file} cannot be read as an archive: ${(error as Error).message}.`);
  }
  return { paths: [...files.keys()].toSorted(), read: async (path) => files.get(path) ?? Buffer.alloc(0) };
}

function leadsOut(path: string): boolean {
  return path.startsWith('/') || /^[a-z]:/i.test(path) || path.split(/[/\\]/).includes('..');
}

async function readZip(file: string, add: Parameters<ReadArchive>[1]): Promise<void> {
  const zip = await yauzl.openPromise(file);
  for await (const entry of zip.eachEntry()) {
    // The upper half is a Unix mode; only regular files, and what has no mode.
    const type = (entry.externalFileAttributes >>> 16) & 0o170000;
    if (type !== 0 && type !== 0o100000) continue;
    await add(entry.fileName, entry.uncompressedSize, () => zip.openReadStreamPromise(entry));
  }
}

async function readTar(file: string, add: Parameters<ReadArchive>[1]): Promise<void> {
  const entries = tar.extract();
  const unpacked = pipeline(createReadStream(file), bunzip2(), entries);
  const read = (async () => {
    for await (const entry of entries) {
      const { name, type, size } = entry.header;
      if (type === 'file') await add(name, size, async () => entry as unknown as AsyncIterable<Buffer>);
      entry.resume();
    }
  })();
  // What is wrong with the bytes says more than that the entries end too early.
  const [bytes, listed] = await Promise.allSettled([unpacked, read]);
  if (listed.status === 'rejected' && listed.reason instanceof SourceError) throw listed.reason;
  if (bytes.status === 'rejected') throw bytes.reason;
  if (listed.status === 'rejected') throw listed.reason;
}

/** The whole of a stream, which must not be longer than it said. */
async function collect(stream: AsyncIterable<Buffer>, size: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > size) throw new Error('a file is longer than the archive says');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}
