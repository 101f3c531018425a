import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { deflateRawSync, crc32 } from 'node:zlib';
import Database from 'better-sqlite3';
import tar from 'tar-stream';
import { buildDocs } from '../../src/docs-builder/build-docs.js';
import { SourceError } from '../../src/docs-builder/source-error.js';
import { createDocumentation, type Documentation, inventoryOf } from '../support/documentation.js';

const COMMAND = new URL('../../dist/src/docs-builder/docs-build.js', import.meta.url).pathname;
const run = promisify(execFile);

describe('docs:build', () => {
  let documentation: Documentation;
  beforeEach(async () => {
    documentation = await createDocumentation();
  });
  afterEach(() => documentation.drop());

  const build = (...sources: string[]) =>
    buildDocs({ sources, out: documentation.snapshot, baseUrl: 'https://docs.example/' });
  const refusal = async (...sources: string[]) => {
    const error: unknown = await build(...sources).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SourceError);
    return (error as SourceError).message;
  };
  const names = () => {
    const database = new Database(documentation.snapshot, { readonly: true });
    const rows = database.prepare<[], { name: string }>('SELECT name FROM entries ORDER BY id').all();
    database.close();
    return rows.map(({ name }) => name);
  };
  const file = (name: string) => join(documentation.folder, name);

  it('has every symbol of the inventory', async () => {
    const lines = await readFile(new URL('../fixtures/documentation/objects.txt', import.meta.url), 'utf8');
    const symbols = lines.trim().split('\n');
    const report = await build(documentation.pages);
    expect(report).toMatchObject({ symbols: symbols.length, described: symbols.length - 1 });
    expect(names().length).toBe(report.entries);
    const called = symbols.filter((line) => line.includes(' py:')).map((line) => line.split(' ')[0]!);
    expect(names()).toEqual(expect.arrayContaining(called));
  });

  it('gives the same for the same', async () => {
    const before = await readFile(documentation.snapshot);
    await build(documentation.pages);
    expect((await readFile(documentation.snapshot)).equals(before)).toBe(true);
  });

  it('reads a .zip and a .tar.bz2 as it reads a folder', async () => {
    const before = names();
    await writeZip(file('docs.zip'), await filesOf(documentation.pages, 'toy-1.0/'));
    await build(file('docs.zip'));
    expect(names()).toEqual(before);
    await run('tar', ['cjf', file('docs.tar.bz2'), '-C', documentation.folder, 'html']);
    await build(file('docs.tar.bz2'));
    expect(names()).toEqual(before);
  });

  it.each([
    [
      '<div class="admonition note"><p class="admonition-title">Note</p><p>Beware.</p></div><p>Adds.</p>',
      'Adds.',
    ],
    ['<div class="versionadded"><p>New in version 3.5.</p></div><p>Adds. More.</p>', 'Adds.'],
    ['<div class="deprecated-removed"><p>Deprecated since version 3.11.</p></div><p>Adds.</p>', 'Adds.'],
    [
      '<div class="seealso"><p class="admonition-title">See also</p></div><p class="rubric">R</p><p>Adds.</p>',
      'Adds.',
    ],
    [
      '<p><strong>Source code:</strong> <a href="x">lib.py</a></p><p class="availability">Unix.</p><p>Adds.</p>',
      'Adds.',
    ],
    ['<em class="refcount">Return value: New.</em><em class="stableabi"> Part of it.</em> Adds.', 'Adds.'],
    ['<p>(default: <code>False</code>) Adds.</p>', '(default: False) Adds.'],
    ['<div class="admonition note"><p class="admonition-title">Note</p><p>Beware.</p></div>', 'Beware.'],
    ['<div class="versionadded"><p>New in version 3.5.</p></div>', 'New in version 3.5.'],
  ])('has of %s what it says for the summary', async (body, summary) => {
    await mkdir(file('one'));
    await writeFile(file('one/a.html'), `<main><dl><dt id="add">add()</dt><dd>${body}</dd></dl></main>`);
    await writeFile(file('one/objects.inv'), inventoryOf('add py:function 1 a.html#$ -'));
    await build(file('one'));
    const database = new Database(documentation.snapshot, { readonly: true });
    expect(database.prepare('SELECT summary FROM entries').pluck().all()).toEqual([summary]);
    database.close();
  });

  it('reads Markdown', async () => {
    await mkdir(file('notes'));
    await writeFile(
      file('notes/a.md'),
      '# First page\n\nHello.\n\n## Set up\n\nDo `this`.\n\n## Set up\n\nTwice.\n',
    );
    await writeFile(
      file('README.md'),
      '# Read me\n\n<script>alert(1)</script>Text with <b onclick="x()">HTML</b>.\n',
    );
    expect(await build(file('README.md'), file('notes'))).toMatchObject({ pages: 2, symbols: 0, entries: 4 });
    const database = new Database(documentation.snapshot, { readonly: true });
    const sql =
      'SELECT name, kind, url, html FROM entries JOIN descriptions d ON d.id = description_id ORDER BY url';
    expect(database.prepare(sql).all()).toEqual([
      {
        name: 'Read me',
        kind: 'page',
        url: 'https://docs.example/README.md#read-me',
        html: expect.any(String),
      },
      {
        name: 'First page',
        kind: 'page',
        url: 'https://docs.example/notes/a.md#first-page',
        html: '<p>Hello.</p>',
      },
      {
        name: 'Set up',
        kind: 'section',
        url: 'https://docs.example/notes/a.md#set-up',
        html: '<p>Do <code>this</code>.</p>',
      },
      {
        name: 'Set up',
        kind: 'section',
        url: 'https://docs.example/notes/a.md#set-up-1',
        html: '<p>Twice.</p>',
      },
    ]);
    const html = database.prepare('SELECT group_concat(html) FROM descriptions').pluck().get();
    expect(html).not.toMatch(/script|alert|onclick/);
    database.close();
  });

  it('says what is wrong with a source, and leaves the old snapshot', async () => {
    const before = await readFile(documentation.snapshot);
    expect(await refusal(file('nowhere'))).toMatch(/^There is no .*nowhere\.$/);
    expect(await refusal(file('nowhere.zip'))).toMatch(/^There is no file .*nowhere\.zip\.$/);
    await writeFile(file('a.txt'), 'x');
    expect(await refusal(file('a.txt'))).toMatch(/is no folder, \.zip, \.tar\.bz2 or \.md\.$/);
    await mkdir(file('bare'));
    expect(await refusal(file('bare'))).toMatch(
      /neither an objects\.inv, as Sphinx HTML does, nor Markdown\.$/,
    );
    await writeFile(file('bare/objects.inv'), 'Dear diary');
    expect(await refusal(file('bare'))).toMatch(/^objects\.inv is no Sphinx inventory/);
    await writeFile(file('bare/objects.inv'), inventoryOf(''));
    expect(await refusal(file('bare'))).toMatch(/^There is no text in /);
    await writeFile(file('no.zip'), 'Dear diary. '.repeat(100));
    expect(await refusal(file('no.zip'))).toMatch(/no\.zip cannot be read as an archive: .+\.$/);
    await writeFile(file('no.tar.bz2'), 'Dear diary. '.repeat(100));
    expect(await refusal(file('no.tar.bz2'))).toMatch(/no\.tar\.bz2 cannot be read as an archive: .+\.$/);
    expect((await readFile(documentation.snapshot)).equals(before)).toBe(true);
    expect(await readdir(documentation.folder)).not.toContainEqual(expect.stringMatching(/\.tmp$/));
  });

  it.each(['../evil.html', '/evil.html', 'a/../../evil.html', 'C:/evil.html'])(
    'refuses an archive with the path %s',
    async (path) => {
      const files = new Map([
        [path, Buffer.from('<p>x</p>')],
        ['objects.inv', inventoryOf('x py:data 1 evil.html#x -')],
      ]);
      await writeZip(file('evil.zip'), files);
      expect(await refusal(file('evil.zip'))).toMatch(/evil\.zip/);
      await writeTar(file('evil.tar'), files);
      await run('bzip2', [file('evil.tar')]);
      expect(await refusal(file('evil.tar.bz2'))).toMatch(/holds a path that leads out of it\.$/);
      expect(await readdir(documentation.folder)).not.toContain('evil.html');
    },
  );

  it('follows no symbolic link, in a folder or an archive', async () => {
    await writeFile(
      file('secret.html'),
      '<main><section id="s"><h1>Secret</h1><p>Secret.</p></section></main>',
    );
    await writeFile(file('html/objects.inv'), inventoryOf('secret std:doc -1 secret.html Secret'));
    await symlink(file('secret.html'), file('html/secret.html'));
    expect(await build(file('html'))).toMatchObject({ symbols: 1, described: 0 });
    await run('tar', [
      'cjf',
      file('link.tar.bz2'),
      '-C',
      documentation.folder,
      'html/objects.inv',
      'html/secret.html',
    ]);
    expect(await build(file('link.tar.bz2'))).toMatchObject({ symbols: 1, described: 0 });
  });

  it('refuses an archive that unpacks to too much', async () => {
    await writeFile(file('zeros.html'), Buffer.alloc(65 * 1024 * 1024));
    await run('tar', ['cjf', file('bomb.tar.bz2'), '-C', documentation.folder, 'zeros.html']);
    expect(await refusal(file('bomb.tar.bz2'))).toMatch(/unpacks to more than is taken/);
  });

  it('leaves the old snapshot when it is killed', async () => {
    const before = await readFile(documentation.snapshot);
    // Enough to be at it for a while.
    const page = `<main>${'<section id="s"><h2>T</h2><p>Some words of text.</p></section>'.repeat(3_000)}</main>`;
    await writeFile(file('html/library/functions.html'), page);
    const child = spawn(process.execPath, [COMMAND, documentation.pages, '--out', documentation.snapshot]);
    const exit = once(child, 'exit');
    // Once it writes, and before it has.
    while (!(await readdir(documentation.folder)).some((name) => name.endsWith('.tmp'))) {
      if (child.exitCode !== null) throw new Error('It was done before it could be killed.');
    }
    child.kill('SIGKILL');
    await exit;
    expect((await readFile(documentation.snapshot)).equals(before)).toBe(true);
  });

  it('writes beside another build of the same snapshot, and removes what a killed one has left', async () => {
    const own = () =>
      readdir(documentation.folder).then((all) => all.filter((name) => name.endsWith('.tmp')));
    await writeFile(file('.docs.sqlite.1.tmp'), 'left by a killed build');
    await utimes(file('.docs.sqlite.1.tmp'), 0, 0);
    await writeFile(file('.docs.sqlite.2.tmp'), 'being written');
    await writeFile(file('.other.sqlite.3.tmp'), 'of another snapshot');
    await utimes(file('.other.sqlite.3.tmp'), 0, 0);
    // In one process: a process id tells nothing.
    await Promise.all([build(documentation.pages), build(documentation.pages), build(documentation.pages)]);
    expect(names()).toContain('len');
    expect(await own()).toEqual(['.docs.sqlite.2.tmp', '.other.sqlite.3.tmp']);
  });

  it('says what is wrong with the place of the snapshot, before it reads', async () => {
    const pages: string[] = [];
    const say = (out: string) =>
      buildDocs({
        sources: [documentation.pages],
        out,
        baseUrl: '',
        onPage: (page) => pages.push(page),
      }).then(
        () => 'It is built.',
        (error: unknown) => (error instanceof SourceError ? error.message : error),
      );
    expect(await say(file('none/docs.sqlite'))).toBe(`There is no folder ${file('none')} for the snapshot.`);
    expect(await say(file('html'))).toBe(`${file('html')} is a folder: give --out the name of a file.`);
    await writeFile(file('plain'), '');
    expect(await say(file('plain/docs.sqlite'))).toBe(
      `There is no folder ${file('plain')} for the snapshot.`,
    );
    expect(pages).toEqual([]);
  });

  it.each([
    'javascript:alert(1)',
    'https://evil.example/x.html#x',
    '//evil.example/x.html',
    '/etc/passwd',
    '\\\\evil\\x.html',
    '../secret.html',
    'a/../../secret.html',
    '\u0001javascript:alert(1)',
  ])('takes no symbol whose place is %j', async (place) => {
    await writeFile(
      file('html/objects.inv'),
      inventoryOf(`bad py:data 1 ${place} -\nlen py:function 1 library/functions.html#$ -`),
    );
    await buildDocs({ sources: [documentation.pages], out: documentation.snapshot, baseUrl: '' });
    expect(names()).toContain('len');
    expect(names()).not.toContain('bad');
  });

  it('has of a page that only says where its source code is its title for the summary', async () => {
    await mkdir(file('one'));
    const body =
      '<p><strong>Source code:</strong> <a href="x">Lib/io.py</a></p><aside class="sidebar"><p>Aside.</p></aside>';
    await writeFile(
      file('one/a.html'),
      `<main><section id="module-io"><h1>io — Streams</h1>${body}</section></main>`,
    );
    await writeFile(file('one/objects.inv'), inventoryOf('io py:module 0 a.html#module-io -'));
    await build(file('one'));
    const database = new Database(documentation.snapshot, { readonly: true });
    expect(database.prepare('SELECT summary FROM entries').pluck().all()).toEqual(['io — Streams']);
    database.close();
  });

  it('takes no name that no address can have', async () => {
    const lines = ['.', '..', '...', '.x'].map((name) => `${name} std:token 1 library/functions.html#len -`);
    await writeFile(file('html/objects.inv'), inventoryOf(lines.join('\n')));
    await build(documentation.pages);
    const own = names().filter((name) => name.startsWith('.'));
    expect(own.toSorted()).toEqual(['...', '.x']);
  });

  it('takes no two files for one page', async () => {
    for (const folder of ['a/docs', 'b/docs']) {
      await mkdir(file(folder), { recursive: true });
      await writeFile(file(`${folder}/x.md`), `# Of ${folder}\n\nText.\n`);
    }
    const sentence = (one: string, other: string, path: string) =>
      `${file(one)} and ${file(other)} would both be ${path}: build from a folder that holds both.`;
    expect(await refusal(file('a/docs'), file('b/docs'))).toBe(
      sentence('a/docs/x.md', 'b/docs/x.md', 'docs/x.md'),
    );
    expect(await refusal(file('a/docs/x.md'), file('b/docs/x.md'))).toBe(
      sentence('a/docs/x.md', 'b/docs/x.md', 'x.md'),
    );
    await build(file('a'), file('a/'), file('b'));
    expect(names()).toEqual(['Of a/docs', 'Of b/docs']);
  });

  it('says nothing of symbols where there are none', async () => {
    await writeFile(file('one.md'), '# One\n\nText.\n');
    const { stdout } = await run(process.execPath, [COMMAND, file('one.md'), '--out', file('one.sqlite')]);
    expect(stdout).toMatch(/^1 page, 1 entry in all; /);
  });

  it.each([
    ['a folder', () => [documentation.pages, '--out', documentation.folder]],
    ['a file in no folder', () => [documentation.pages, '--out', file('none/docs.sqlite')]],
    ['a source that is not there', () => [file('none'), file('html'), '--out', documentation.snapshot]],
    ['a folder that cannot be written to', () => [documentation.pages, '--out', '/proc/docs.sqlite']],
  ])('ends with 1 and one sentence for %s', async (_what, options) => {
    const failed = await run(process.execPath, [COMMAND, ...options()]).catch(
      (error: unknown) => error as { code: number; stderr: string },
    );
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringMatching(/^[A-Z/][^\n]+\.\n$/) });
  });

  it('tells what it has built, or in one line why not, with the exit code 1', async () => {
    const { stdout } = await run(process.execPath, [
      COMMAND,
      documentation.pages,
      '--out',
      documentation.snapshot,
    ]);
    expect(stdout).toMatch(
      /^\d+ pages, \d+ symbols, 9\d\.\d\d % of them with a description, .* MiB: .*docs\.sqlite\n$/,
    );
    const failed = await run(process.execPath, [
      COMMAND,
      file('nowhere'),
      '--out',
      documentation.snapshot,
    ]).catch((error: unknown) => error as { code: number; stderr: string });
    expect(failed).toMatchObject({ code: 1, stderr: `There is no ${file('nowhere')}.\n` });
  });
});

async function filesOf(folder: string, prefix: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const path of await readdir(folder, { recursive: true })) {
    const file = join(folder, path);
    if ((await stat(file)).isFile()) files.set(prefix + path, await readFile(file));
  }
  return files;
}

async function writeTar(path: string, files: ReadonlyMap<string, Buffer>): Promise<void> {
  const pack = tar.pack();
  for (const [name, bytes] of files) pack.entry({ name }, bytes);
  pack.finalize();
  await pipeline(pack, createWriteStream(path));
}

/** A zip with any paths in it, which tools refuse to write (the format is PKWARE's APPNOTE.TXT, 4.3). */
async function writeZip(path: string, files: ReadonlyMap<string, Buffer>): Promise<void> {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, bytes] of files) {
    const data = deflateRawSync(bytes);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), common, Buffer.from(name), data]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\u0001\u0002\u0014\0'), common, rest, Buffer.from(name));
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 0, 'latin1');
  end.writeUInt16LE(files.size, 8);
  end.writeUInt16LE(files.size, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  await writeFile(path, Buffer.concat([...parts, central, end]));
}
