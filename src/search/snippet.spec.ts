import { snippetOf } from './snippet.js';

describe('snippetOf', () => {
  it('marks words, with other endings too', () => {
    expect(snippetOf('Sorted lists are sorted.', ['sort', 'list'])).toBe(
      '<mark>Sorted</mark> <mark>lists</mark> are <mark>sorted</mark>.',
    );
    expect(snippetOf('unsorted', ['sort'])).toBe('unsorted');
  });

  it('escapes what is HTML', () => {
    expect(snippetOf('<b>&"\'</b> len', ['len', 'b'])).toBe(
      '&lt;<mark>b</mark>&gt;&amp;&quot;&#39;&lt;/<mark>b</mark>&gt; <mark>len</mark>',
    );
  });

  it('shows the place of a long text where the words are', () => {
    const text = `${'before '.repeat(100)}needle ${'after '.repeat(100)}`;
    const snippet = snippetOf(text, ['needle']);
    expect(snippet).toMatch(/^… before .*<mark>needle<\/mark> after .* …$/);
    expect(snippet.length).toBeLessThan(250);
  });

  it('shows the beginning where no word is', () => {
    expect(snippetOf('some text', [])).toBe('some text');
    expect(snippetOf('', ['x'])).toBe('');
    expect(snippetOf('x'.repeat(1_000), ['y']).length).toBeLessThan(300);
  });
});
