import { inOrder } from './positions.js';

it('orders numbers upwards, times downwards, and the rest by id', () => {
  const places = ['', '10', null, '9', '-1.5', '2020-01-01T00:00:00.0000000Z', 'first', '2021-01-01', '9'];
  const ordered = inOrder(places.map((position, id) => ({ id, position })));
  expect(ordered.map(({ id }) => id)).toEqual([4, 3, 8, 1, 7, 5, 0, 2, 6]);
});

it('reads the position of each once, however many there are', () => {
  let reads = 0;
  const rows = Array.from({ length: 1_000 }, (_, n) => ({
    id: n,
    get position() {
      reads += 1;
      return new Date(n * 1_000).toISOString();
    },
  }));
  expect(inOrder(rows).map(({ id }) => id)).toEqual(rows.map(({ id }) => id).toReversed());
  expect(reads).toBe(1_000);
});
