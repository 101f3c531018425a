import { toPlainText } from './note-text.js';

it.each([
  [null, ''],
  ['', ''],
  ['plain', 'plain'],
  ['one\ntwo\r\n\r\nthree', 'one\ntwo\n\nthree'],
  ['a &amp; b &lt;c&gt;', 'a & b <c>'],
  ['one<br>two<br/>three', 'one\ntwo\nthree'],
  ['<div>one</div><div>two</div>', 'one\ntwo'],
  ['<p>one</p>\n<p>two</p>', 'one\n\ntwo'],
  ['<html><body>one<br>\ntwo</body></html>', 'one\ntwo'],
  ['<ul><li>one</li><li>two</li></ul>', '* one\n * two'],
  ['<b>bold</b>\n<i>next line</i>', 'bold\nnext line'],
  ['<h1>Title</h1>text', 'Title\n\ntext'],
  ['<a href="https://a.example">https://a.example</a>', 'https://a.example'],
  ['<a href="https://a.example">there</a>', 'there [https://a.example]'],
  ['<script>alert(1)</script><style>p{}</style>x', 'x'],
  ['3 < 4 and 5 > 4', '3 < 4 and 5 > 4'],
  ['<div>a</div><div><br></div><div>b</div>', 'a\n\nb'],
  ['if x<y and vector<int> v', 'if x<y and vector<int> v'],
  ['a<b and c>d,  e', 'a<b and c>d,  e'],
  ['Anna <anna@a.example>', 'Anna <anna@a.example>'],
  ['<b class="x" id=y>bold</b>', 'bold'],
  ['R&D', 'R&D'],
  ['x'.repeat(200), 'x'.repeat(200)],
  ['x'.repeat(200_000), 'x'.repeat(200_000)],
])('makes text of %j', (html, text) => {
  expect(toPlainText(html)).toBe(text);
});

it('survives any nesting', () => {
  expect(toPlainText(`${'<div>'.repeat(10_000)}deep`)).toBe('...');
});

it('converts the first 100,000 characters of HTML', () => {
  const text = toPlainText(`<p>${'x'.repeat(99_990)}</p>${'<p>y</p>'.repeat(100_000)}`);
  expect(text).toBe(`${'x'.repeat(99_990)}\n\n…`);
});
