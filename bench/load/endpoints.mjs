import { randomUUID } from 'node:crypto';

const read = (path) => ({ method: 'GET', path });
const write = (method, path, body) => ({
  ...{ method, path, body: JSON.stringify(body) },
  headers: { 'content-type': 'application/json' },
});
const one = (ids) => ids[Math.floor(Math.random() * ids.length)];

/**
 * Each endpoint that can be asked for, by its name: the next request for it, which Daybook takes as it is.
 * `needs` names the rows that must have been set up, whose ids it is given. `serial` is another number each time: what
 * is written again as it was costs the database no commit.
 */
export const ENDPOINTS = {
  'POST /log': { next: ({ text }) => write('POST', '/log', { message: text }) },
  'GET /logs': { next: () => read('/logs') },
  'POST /tasks': { next: ({ text }) => write('POST', '/tasks', { name: text, done: false }) },
  'GET /tasks': { next: () => read('/tasks') },
  'GET /tasks/{id}': { needs: 'tasks', next: ({ ids }) => read(`/tasks/${one(ids)}`) },
  'PUT /tasks/{id}': {
    needs: 'tasks',
    next: ({ ids, text, serial }) =>
      write('PUT', `/tasks/${one(ids)}`, { name: text, done: serial % 2 === 0 }),
  },
  'POST /users': {
    next: () => write('POST', '/users', { email: newEmail(), password: randomUUID() }),
  },
  'GET /users': { needs: 'users', next: () => read('/users?limit=5') },
  'GET /users/{id}': { needs: 'users', next: ({ ids }) => read(`/users/${one(ids)}`) },
  'POST /users/{id}/items': {
    needs: 'users',
    next: ({ ids, text }) => write('POST', `/users/${one(ids)}/items`, { title: text }),
  },
  'GET /items': { needs: 'users', next: () => read('/items?limit=20') },
  'POST /notes': { next: ({ text }) => write('POST', '/notes', { text, completed: false }) },
  'GET /notes': { needs: 'notes', next: () => read('/notes?take=20') },
  'GET /notes/all': { next: () => read('/notes/all') },
  'GET /notes/{id}': { needs: 'notes', next: ({ ids }) => read(`/notes/${one(ids)}`) },
  'PUT /notes/{id}': {
    needs: 'notes',
    next: ({ ids, text, serial }) =>
      write('PUT', `/notes/${one(ids)}`, { text, completed: serial % 2 === 0 }),
  },
};

/** An address that nobody else has. */
export function newEmail() {
  return `load-test-${randomUUID()}@example.com`;
}

/** What each row that the test writes begins with, so that they can be found again. */
export function textOf(serial) {
  return `Load test, row ${serial}`;
}
