import Database from 'better-sqlite3';
import fc from 'fast-check';
import { SearchQuery, stem } from './search-query.js';

describe('SearchQuery', () => {
  it.each([
    ['os.path.join()', ['os.path.join']],
    ['os path', ['os path', 'os.path', 'os_path', 'ospath']],
    ['@property', ['property']],
    ['  LEN( x', ['len']],
    ['(', ['(']],
    ['', []],
  ])('takes %j for the names %j', (text, names) => {
    expect(new SearchQuery(text).names).toEqual(names);
  });

  it.each([
    ["don't", ['don', 't']],
    ['os.path_x', ['os', 'path', 'x']],
    ['a a b', ['a', 'b']],
    ['😀 *', []],
    ['1 2 3 4 5 6 7 8 9 10', ['1', '2', '3', '4', '5', '6', '7', '8']],
  ])('takes %j for the words %j', (text, terms) => {
    expect(new SearchQuery(text).terms).toEqual(terms);
  });

  it('leaves out what says nothing, unless there is nothing else', () => {
    expect(new SearchQuery('how to sort a list').tellingTerms).toEqual(['sort', 'list']);
    expect(new SearchQuery('how to').tellingTerms).toEqual(['how', 'to']);
  });

  it('looks for so few of the words together that it costs little', () => {
    expect(new SearchQuery('how to be one two three four five').tellingTerms).toEqual([
      'be',
      'one',
      'two',
      'three',
    ]);
    expect(new SearchQuery('the a is of').tellingTerms).toEqual(['is', 'of']);
  });

  it('matches beginnings of words, of the short ones only the last', () => {
    const query = new SearchQuery('a sorted li', 'std:label');
    expect(query.match('name title', query.terms, 'AND')).toBe(
      '{name title} : ("a" AND "sort"* AND "li"*) AND kind : "kindstdlabel"',
    );
  });

  it('is never an error in FTS5', () => {
    const database = new Database(':memory:');
    database.exec('CREATE VIRTUAL TABLE words USING fts5 (name, kind)');
    const search = database.prepare('SELECT rowid FROM words WHERE words MATCH ?');
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string());
    const { failed, counterexample } = fc.check(
      fc.property(text, text, (q, kind) => {
        const query = new SearchQuery(q, kind);
        if (query.terms.length > 0) search.all(query.match('name', query.terms, 'OR'));
      }),
      { numRuns: 2_000 },
    );
    expect(failed, JSON.stringify(counterexample)).toBe(false);
    database.close();
  });
});

describe('stem', () => {
  it.each([
    ['sorting', 'sort'],
    ['files', 'file'],
    ['classes', 'class'],
    ['class', 'class'],
    ['parsed', 'pars'],
    ['parse', 'pars'],
    ['string', 'string'],
    ['file', 'file'],
    ['is', 'is'],
  ])('makes %s to %s', (word, expected) => {
    expect(stem(word)).toBe(expected);
  });
});
