import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateSync } from 'node:zlib';
import { buildDocs } from '../../src/docs-builder/build-docs.js';

const PAGES = fileURLToPath(new URL('../fixtures/documentation', import.meta.url));

/** A folder of its own with a small documentation as Sphinx writes it, and a snapshot of it. */
export interface Documentation {
  readonly folder: string;
  /** The Sphinx HTML. */
  readonly pages: string;
  /** A snapshot, ready to serve. */
  readonly snapshot: string;
  drop(): Promise<void>;
}

export async function createDocumentation(): Promise<Documentation> {
  const folder = await mkdtemp(join(tmpdir(), 'daybook-documentation-'));
  const pages = join(folder, 'html');
  const snapshot = join(folder, 'docs.sqlite');
  await cp(PAGES, pages, { recursive: true });
  await writeFile(
    join(pages, 'objects.inv'),
    inventoryOf(await readFile(join(PAGES, 'objects.txt'), 'utf8')),
  );
  await buildDocs({ sources: [pages], out: snapshot, baseUrl: 'https://docs.example/' });
  return { folder, pages, snapshot, drop: () => rm(folder, { recursive: true, force: true }) };
}

/** A Sphinx inventory with these lines. */
export function inventoryOf(lines: string): Buffer {
  const header = [
    '# Sphinx inventory version 2',
    '# Project: Toy',
    '# Version: 1.0',
    '# Compressed with zlib.',
    '',
  ];
  return Buffer.concat([Buffer.from(header.join('\n')), deflateSync(lines)]);
}
