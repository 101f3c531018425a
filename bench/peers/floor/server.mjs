// Bare Fastify on better-sqlite3: what is here is what the wire asks for, and no more.
import { Readable } from 'node:stream';
import Database from 'better-sqlite3';
import Fastify from 'fastify';
import { logBody, pageQuery, taskBody } from '../fastify-schemas.mjs';

const { PORT, DATABASE_FILE, SYNCHRONOUS } = process.env;

const database = new Database(DATABASE_FILE);
database.pragma('journal_mode = WAL');
database.pragma(`synchronous = ${SYNCHRONOUS}`);
// A connection that iterates cannot write meanwhile (better-sqlite3, docs/api.md, "iterate").
const reader = new Database(DATABASE_FILE, { readonly: true });

const oneTask = database.prepare('SELECT id, name, done FROM tasks WHERE id = ?');
const allTasks = database.prepare('SELECT id, name, done FROM tasks ORDER BY id');
const changeTask = database.prepare('UPDATE tasks SET name = ?, done = ? WHERE id = ?');
const somePeople = database.prepare('SELECT id, email, is_active FROM users ORDER BY id LIMIT ? OFFSET ?');
const theirItems = database.prepare(
  `SELECT id, title, description, owner_id FROM items
   WHERE owner_id IN (SELECT id FROM users ORDER BY id LIMIT ? OFFSET ?) ORDER BY id`,
);
const addEntry = database.prepare('INSERT INTO logs (message, timestamp) VALUES (?, ?)');
const allEntries = reader.prepare('SELECT id, message, timestamp FROM logs ORDER BY id');

const server = Fastify({ routerOptions: { ignoreTrailingSlash: true } });
const toTask = ({ id, name, done }) => ({ name, done: done === 1, id });
const notFound = (reply) => reply.code(404).send({ detail: 'Task not found' });

server.get('/info', (_request, reply) => reply.type('application/json').send('"fastify"'));

server.get('/tasks/:id', (request, reply) => {
  const task = oneTask.get(request.params.id);
  return task ? reply.send(toTask(task)) : notFound(reply);
});

server.get('/tasks', (_request, reply) => reply.send(allTasks.all().map(toTask)));

server.put('/tasks/:id', { schema: { body: taskBody } }, (request, reply) => {
  const { name, done } = request.body;
  const { changes } = changeTask.run(name, done ? 1 : 0, request.params.id);
  return changes === 1 ? reply.send({ name, done, id: Number(request.params.id) }) : notFound(reply);
});

server.get('/users', { schema: { querystring: pageQuery } }, (request, reply) => {
  const { skip, limit } = request.query;
  const people = somePeople.all(limit, skip);
  const items = new Map(people.map(({ id }) => [id, []]));
  for (const item of theirItems.all(limit, skip)) items.get(item.owner_id)?.push(item);
  return reply.send(
    people.map(({ id, email, is_active }) => ({
      email,
      id,
      is_active: is_active === 1,
      items: items.get(id),
    })),
  );
});

server.post('/log', { schema: { body: logBody } }, (request, reply) => {
  addEntry.run(request.body.message, new Date().toISOString());
  return reply.send({ status: 'Log entry created' });
});

server.get('/logs', (_request, reply) => reply.type('application/json').send(Readable.from(entriesAsJson())));

/** One row after another from the cursor, in pieces as large as a stream likes them. */
function* entriesAsJson() {
  let text = '{"logs":[';
  let separator = '';
  for (const entry of allEntries.iterate()) {
    text += separator + JSON.stringify(entry);
    separator = ',';
    if (text.length >= 65_536) {
      yield text;
      text = '';
    }
  }
  yield `${text}]}`;
}

await server.listen({ host: '127.0.0.1', port: Number(PORT) });
