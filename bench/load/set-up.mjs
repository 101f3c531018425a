import { ENDPOINTS, newEmail, textOf } from './endpoints.mjs';
import { randomUUID } from 'node:crypto';

/** How many rows of a kind are set up: those that are read and replaced afterwards. */
const ROWS = 20;
const ITEMS = 2;
const LIMIT_MS = 30_000;

const KINDS = {
  tasks: (post, text) => post('/tasks', { name: text, done: false }),
  notes: (post, text) => post('/notes', { text, completed: false }),
  users: async (post, text) => {
    const user = await post('/users', { email: newEmail(), password: randomUUID() });
    for (let item = 0; item < ITEMS; item += 1) await post(`/users/${user.id}/items`, { title: text });
    return user;
  },
};

/**
 * Makes the rows that a mix reads and replaces.
 * Answers the ids by kind, and how many rows of each kind it has made.
 *
 * @throws Error with a sentence where the server does not take them
 */
export async function setUp(origin, mix, signal) {
  const post = async (path, body) => {
    const response = await fetch(`${origin}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]),
    }).catch((error) => {
      signal.throwIfAborted();
      throw new Error(`The server did not answer POST ${path}, with which the test is set up.`, {
        cause: error,
      });
    });
    if (!response.ok) {
      throw new Error(
        `The server answered POST ${path}, with which the test is set up, with ${response.status}.`,
      );
    }
    return response.json();
  };
  const needed = new Set(Object.keys(mix).flatMap((endpoint) => ENDPOINTS[endpoint].needs ?? []));
  const ids = {};
  for (const kind of needed) {
    ids[kind] = [];
    for (let row = 0; row < ROWS; row += 1) ids[kind].push((await KINDS[kind](post, textOf(row))).id);
  }
  const made = Object.fromEntries([...needed].map((kind) => [kind, ROWS]));
  return { ids, made: needed.has('users') ? { ...made, items: ROWS * ITEMS } : made };
}
