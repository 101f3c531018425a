import { items, users } from '../database/rows.mjs';
import { LOAD_FIGURES } from '../figures.mjs';
import { checkAnswer } from './check-answer.mjs';
import { loadScenario } from './load.mjs';

const USERS = 20;
const ITEMS_EACH = 10;
const list = { method: 'GET', path: `/users/?limit=${USERS}` };

const expected = [...users(USERS)].map(({ id, email, is_active }) => ({
  id,
  email,
  is_active,
  items: [...items(USERS, ITEMS_EACH)].filter(({ owner_id }) => owner_id === id),
}));

export const scenario = loadScenario({
  name: 'users-items',
  title: `Users with their items: GET /users/?limit=20 with ${USERS} users of ${ITEMS_EACH} items each`,
  endpoints: ['GET /users/'],
  rows: { users: () => users(USERS), items: () => items(USERS, ITEMS_EACH) },
  figures: LOAD_FIGURES,
  check: ({ url }) => checkAnswer(url, list, expected),
  requests: () => [list],
});
