import { PositionalSql } from './positional-sql.js';

describe('PositionalSql', () => {
  it.each([
    ['none', 'SELECT 1', [], 'SELECT 1', []],
    ['in order', 'a = $1 AND b = $2', ['x', 'y'], 'a = ? AND b = ?', ['x', 'y']],
    ['out of order', '$3, $1, $2', ['x', 'y', 'z'], '?, ?, ?', ['z', 'x', 'y']],
    ['more than once', '$1 = $2 OR $1 > $2', ['x', 'y'], '? = ? OR ? > ?', ['x', 'y', 'x', 'y']],
    ['one within another', '$10$1', [...'abcdefghij'], '??', ['j', 'a'] /* the others stand nowhere */],
    ['with casts', '$1::bigint, $2::int > 1, $1::text', ['x', 'y'], '?, ? > 1, ?', ['x', 'y', 'x']],
    ['with casts to lists', 'unnest($1::text[], $2::boolean[])', ['x', 'y'], 'unnest(?, ?)', ['x', 'y']],
    ['null and undefined', '$2, $1', [null, undefined], '?, ?', [undefined, null]],
  ])('parameters: %s', (_, numbered, values, sql, ordered) => {
    const positional = new PositionalSql(numbered);
    expect(positional.sql).toBe(sql);
    expect(positional.order(values)).toEqual(ordered);
  });

  it.each([
    ['a text', "'$1' || $1 || 'it''s $2::text'", "'$1' || ? || 'it''s $2::text'"],
    ['a name', '"$1" = $1 AND "a""$2" = 1', '"$1" = ? AND "a""$2" = 1'],
    ['a name in a text', `'"' || $1 || '"'`, `'"' || ? || '"'`],
    ['a cast of what is no parameter', '"a"::text || $1', '"a"::text || ?'],
  ])('leaves alone what is in %s', (_, numbered, sql) => {
    const positional = new PositionalSql(numbered);
    expect(positional.sql).toBe(sql);
    expect(positional.order(['x'])).toEqual(['x']);
  });

  it.each([[[]], [['x']], [['x', 'y', 'z']]])('refuses %j for two parameters', (values) => {
    expect(() => new PositionalSql('$1 || $2').order(values)).toThrow(
      `The statement has 2 parameters, and got ${values.length} values.`,
    );
  });
});
