import { randomBytes } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { parseInventory } from './inventory.js';
import { SourceError } from './source-error.js';

const HEADER = '# Sphinx inventory version 2\n# Project: Toy\n# Version: 1.2\n# The rest is compressed.\n';
const inventory = (lines: string, header = HEADER) =>
  Buffer.concat([Buffer.from(header), deflateSync(lines)]);

describe('parseInventory', () => {
  it('reads items', () => {
    const lines =
      'os.path.join py:function 1 library/os.path.html#$ -\nwith std:label -1 a.html#with The with statement\n';
    expect(parseInventory(inventory(lines))).toEqual([
      {
        name: 'os.path.join',
        domain: 'py',
        role: 'function',
        page: 'library/os.path.html',
        anchor: 'os.path.join',
        title: 'os.path.join',
      },
      {
        name: 'with',
        domain: 'std',
        role: 'label',
        page: 'a.html',
        anchor: 'with',
        title: 'The with statement',
      },
    ]);
  });

  it.each([
    [
      'list comprehension std:term 1 g.html#term-$ -',
      { name: 'list comprehension', anchor: 'term-list comprehension' },
    ],
    ['doctest:directive std:token -1 d.html#x -', { name: 'doctest:directive', role: 'token' }],
    ['a$1 py:data 1 d.html#$ -', { name: 'a$1', anchor: 'a$1' }],
    ['index std:doc -1 index.html Start here', { page: 'index.html', anchor: '', title: 'Start here' }],
  ])('reads %j', (line, expected) => {
    expect(parseInventory(inventory(line))).toEqual([expect.objectContaining(expected)]);
  });

  it('passes over what is no item', () => {
    expect(parseInventory(inventory(`\nnonsense\n${'x '.repeat(2_000)}\n`))).toEqual([]);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['another version', inventory('', HEADER.replace('version 2', 'version 1'))],
    ['noise', randomBytes(1_000)],
    ['a damaged rest', Buffer.concat([Buffer.from(HEADER), randomBytes(100)])],
    ['more than it can be', inventory(' '.repeat(65 * 1024 * 1024))],
  ])('refuses %s', (_what, bytes) => {
    expect(() => parseInventory(bytes)).toThrow(SourceError);
  });
});
