// How often the entry that a Python programmer wants stands first, and whether it stays while one types:
//   npm run build && npm run docs:build -- <Python's documentation> --out python.sqlite
//   node bench/relevance.mjs python.sqlite [--verbose]
// The queries and their answers, of which any counts where there are several: relevance-queries.json are names and
// well-known words; relevance-words.json are tasks in a programmer's words, written down before the ranking was fitted
// to any of them, and kept however they end. The exit code is 1 below the bounds of the first, or with one answer lost.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import 'reflect-metadata';
import { SearchService } from '../dist/src/search/search.service.js';
import { Entry } from '../dist/src/search/entry.entity.js';
import { SnapshotRepository } from '../dist/src/snapshot/snapshot.repository.js';
import { Snapshots } from '../dist/src/snapshot/snapshots.js';

const { values, positionals } = parseArgs({
  options: { verbose: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const read = async (file) => JSON.parse(await readFile(new URL(file, import.meta.url), 'utf8'));
const names = await read('relevance-queries.json');
const words = await read('relevance-words.json');
const snapshots = new Snapshots(positionals[0] ?? '');
await snapshots.load();
if (!snapshots.isOn) process.exit(1);
const service = new SearchService(new SnapshotRepository(Entry, snapshots), snapshots);

/** The names that are found, the best first. */
async function find(q, limit = 100) {
  const { results } = await service.search({ q, kind: '', limit, offset: 0 });
  return results.map(({ name }) => name);
}

/** Asks for each, whole and letter by letter, and tells what came of it. */
async function judge(title, queries) {
  const places = [];
  let lost = 0;
  let offPage = 0;
  for (const [q, answer] of queries) {
    const wanted = [answer].flat();
    const shown = await find(q);
    const place = shown.findIndex((name) => wanted.includes(name)) + 1 || Infinity;
    places.push(place);
    if (values.verbose || place > 1) console.log(`${place}\t${q}\t${shown.slice(0, 5).join(' · ')}`);
    const lists = [];
    for (let length = 1; length <= q.length; length += 1) lists.push(await find(q.slice(0, length)));
    // What the whole text finds must stay from where it is there first. `print` fits "pri", and not "priority queue":
    // it may go.
    for (const name of wanted.filter((one) => shown.includes(one))) {
      const all = lists.map((list) => list.indexOf(name) + 1 || Infinity);
      const gone = all.findIndex((at, index) => at > 100 && all[index - 1] <= 100);
      const behind = all.findIndex((at, index) => at > 20 && all[index - 1] <= 20);
      if (gone !== -1) lost += 1;
      if (behind !== -1) offPage += 1;
      if (gone !== -1) console.log(`"${q}" loses ${name} at "${q.slice(0, gone + 1)}"`);
    }
  }
  const share = (most) => (100 * places.filter((place) => place <= most).length) / places.length;
  console.log(
    `${places.length} ${title}: first ${share(1).toFixed(1)} %, among the first five ${share(5).toFixed(1)} %, ` +
      `among the first 20 ${share(20).toFixed(1)} %; letter by letter ${lost} lost of the first 100, ` +
      `${offPage} fallen out of the first 20`,
  );
  return { first: share(1), five: share(5), lost };
}

const ofNames = await judge('queries', names);
const ofWords = await judge('queries in words', words);

/** CPU of one query in ms, of several runs each. */
async function cpuOf(name, texts) {
  const times = new Map(texts.map((q) => [q, []]));
  for (let round = 0; round < 12; round += 1) {
    for (const [q, runs] of times) {
      const begin = process.cpuUsage();
      await service.search({ q, kind: '', limit: 20, offset: 0 });
      const { user, system } = process.cpuUsage(begin);
      if (round > 1) runs.push((user + system) / 1_000);
    }
  }
  const middle = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
  const all = [...times.values()].flat().toSorted((a, b) => a - b);
  const [[slowest, most]] = [...times]
    .map(([q, runs]) => [q, middle(runs)])
    .toSorted(([, one], [, other]) => other - one);
  const at = (part) => all[Math.floor((all.length - 1) * part)].toFixed(2);
  console.log(
    `CPU ms, ${times.size} ${name}: median ${at(0.5)}, p99 ${at(0.99)}, most ${at(1)}; ` +
      `the slowest "${slowest}", its median ${most.toFixed(2)}`,
  );
}

/** Words that are in most of the entries, alone and together. */
const COMMON = [
  ...[
    'the',
    'a',
    'is',
    'of',
    'in',
    'to',
    'and',
    'this',
    'object',
    'return',
    'function',
    'class',
    'string',
    'value',
  ],
  ...[
    'method',
    'module',
    'type',
    'new',
    'python',
    's',
    'e',
    'p',
    'the a is of',
    'a e i o u s p t',
    'if not none',
  ],
  ...['string in function', 'class object type', 'this module', 'in a new class', 'changed in version'],
  ...['return the value of the object', 'the function returns a new string object'],
  ...['the value of the argument is the string of the object'],
  ...['function string object class value module method type'],
  ...['a function that returns the type of a class object in this module'],
];
const texts = names.map(([q]) => q);
await cpuOf('queries', texts);
const tasks = words.map(([q]) => q);
await cpuOf('queries in words', tasks);
// As a person types them.
await cpuOf('beginnings of these', [
  ...new Set([...texts, ...tasks].flatMap((q) => Array.from(q, (_, index) => q.slice(0, index + 1)))),
]);
await cpuOf('queries of very common words', COMMON);
await snapshots.close();
if (ofNames.first < 90 || ofNames.five < 98 || ofNames.lost + ofWords.lost > 0) process.exitCode = 1;
