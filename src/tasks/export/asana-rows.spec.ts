import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import type { WholeTask } from '../whole-tasks.js';
import {
  ASANA_COLUMNS,
  type AsanaGroup,
  type AsanaRow,
  MAX_ROWS,
  toAsanaRows,
  toFiles,
} from './asana-rows.js';
import { toCsv } from './csv.js';

const row = (name: string, parent = ''): AsanaRow => ({
  Name: name,
  Section: 'To do',
  'Subtask of': parent,
  Description: '',
  Created: '',
  'Due Date': '',
  Completed: '',
});

const group = (name: string, steps: number): AsanaGroup => [
  row(name),
  ...Array.from({ length: steps }, (_, n) => row(`${name}.${n}`, name)),
];

const task = (id: number, name: string, steps: string[] = []) =>
  ({
    id,
    name,
    done: false,
    list: null,
    details: null,
    steps: steps.map((title, n) => ({ id: n, title, completed: false, position: null, createdAt: null })),
  }) as unknown as WholeTask;

it('puts what does not fit into the next file', () => {
  const files = toFiles([group('a', 999), group('b', 899), group('c', 0), group('d', 1_899)]);
  expect(files.map(({ length }) => length)).toEqual([1_900, 1, 1_900]);
});

it('repeats a task that has more steps than a file takes', () => {
  const files = toFiles([group('a', 4_000)]);
  expect(files.map(({ length }) => length)).toEqual([1_900, 1_900, 203]);
  expect(files.every(([first]) => first!.Name === 'a')).toBe(true);
  expect(new Set(files.flatMap((file) => file.slice(1).map(({ Name }) => Name))).size).toBe(4_000);
});

it('loses no row and takes no file for more than it holds', () => {
  const property = fc.property(fc.array(fc.nat(2_500), { maxLength: 12 }), (sizes) => {
    const files = toFiles(sizes.map((size, n) => group(`${n}`, size)));
    expect(files.every(({ length }) => length > 0 && length <= MAX_ROWS)).toBe(true);
    const steps = files.flat().filter((one) => one['Subtask of'] !== '');
    expect(steps).toHaveLength(sizes.reduce((sum, size) => sum + size, 0));
    for (const file of files) {
      const tasks = new Set(file.filter((one) => one['Subtask of'] === '').map(({ Name }) => Name));
      const lost = file.filter((one) => one['Subtask of'] !== '' && !tasks.has(one['Subtask of']));
      expect(lost).toEqual([]);
    }
  });
  fc.assert(property, { numRuns: 50 });
});

it('gives every task a name that no other row has', async () => {
  const title = fc.constantFrom('a', 'a ', 'a (2)', 'a (3)', '', 'Untitled', 'b');
  const property = fc.asyncProperty(
    fc.array(fc.tuple(title, fc.array(title, { maxLength: 3 })), { maxLength: 8 }),
    async (all) => {
      const { groups, renamed } = await toAsanaRows(
        all.map(([name, steps], id) => task(id, name, steps)),
        'UTC',
      );
      const tasks = groups.map(([first]) => first.Name);
      expect(new Set(tasks).size).toBe(tasks.length);
      for (const [first, ...steps] of groups) {
        for (const step of steps) {
          expect(step['Subtask of']).toBe(first.Name);
          expect(tasks).not.toContain(step.Name);
        }
      }
      for (const { from, to } of renamed) expect(to).toContain(from.trim());
    },
  );
  await fc.assert(property);
});

it('makes CSV that a parser reads as it was', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom('"', ',', '\r', '\n', "'", '=', ' ', 'x')).map((parts) => parts.join('')),
  );
  const rows = fc.array(
    fc.tuple(text, text).map(([Name, Description]) => ({ ...row(Name), Description })),
    { maxLength: 5 },
  );
  const property = fc.property(rows, (all) => {
    const csv = toCsv(ASANA_COLUMNS, all, { safeCells: false, header: true });
    expect(parse(csv, { columns: true, record_delimiter: '\r\n' })).toEqual(all);
    const safe = parse(toCsv(ASANA_COLUMNS, all, { safeCells: true, header: false }), {
      record_delimiter: '\r\n',
    });
    for (const [n, [name]] of safe.entries()) {
      expect(name).not.toMatch(/^[=+\-@\t\r]/);
      expect([all[n]!.Name, `'${all[n]!.Name}`]).toContain(name);
    }
  });
  fc.assert(property);
});
