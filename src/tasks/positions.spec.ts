import { byPosition } from './positions.js';

it('orders numbers upwards, times downwards, and the rest by id', () => {
  const places = ['', '10', null, '9', '-1.5', '2020-01-01T00:00:00.0000000Z', 'first', '2021-01-01', '9'];
  const ordered = places.map((position, id) => ({ id, position })).toSorted(byPosition);
  expect(ordered.map(({ id }) => id)).toEqual([4, 3, 8, 1, 7, 5, 0, 2, 6]);
});
