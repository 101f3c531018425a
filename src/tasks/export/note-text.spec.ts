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
  ['x'.repeat(200), 'x'.repeat(200)],
])('makes text of %j', (html, text) => {
  expect(toPlainText(html)).toBe(text);
});

it('survives any nesting', () => {
  expect(toPlainText(`${'<div>'.repeat(100_000)}deep`)).toBe('...');
});
