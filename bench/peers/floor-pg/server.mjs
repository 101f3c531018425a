// Bare Fastify on pg: what is here is what the wire asks for, and no more.
import Fastify from 'fastify';
import pg from 'pg';
import { logBody, pageQuery, taskBody } from '../fastify-schemas.mjs';

const { PORT, DATABASE_URL } = process.env;

const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 10 });
/** A statement that each connection prepares once (node-postgres.com/features/queries, "Prepared statements"). */
const prepared = (name, text) => async (values) => pool.query({ name, text, values });

const oneTask = prepared('one-task', 'SELECT id, name, done FROM tasks WHERE id = $1');
const allTasks = prepared('all-tasks', 'SELECT id, name, done FROM tasks ORDER BY id');
const changeTask = prepared('change-task', 'UPDATE tasks SET name = $1, done = $2 WHERE id = $3');
const somePeople = prepared(
  'some-people',
  'SELECT id, email, is_active FROM users ORDER BY id LIMIT $1 OFFSET $2',
);
const theirItems = prepared(
  'their-items',
  'SELECT id, title, description, owner_id FROM items WHERE owner_id = ANY ($1) ORDER BY id',
);
const addEntry = prepared('add-entry', 'INSERT INTO logs (message, timestamp) VALUES ($1, $2)');

const server = Fastify({ routerOptions: { ignoreTrailingSlash: true } });
const toTask = ({ id, name, done }) => ({ name, done, id });
const notFound = (reply) => reply.code(404).send({ detail: 'Task not found' });

server.route({
  method: 'GET',
  url: '/info',
  handler: (_request, reply) => reply.type('application/json').send('"fastify"'),
});

server.route({
  method: 'GET',
  url: '/tasks/:id',
  async handler(request, reply) {
    const { rows } = await oneTask([request.params.id]);
    return rows.length === 1 ? toTask(rows[0]) : notFound(reply);
  },
});

server.route({
  method: 'GET',
  url: '/tasks',
  handler: async () => (await allTasks([])).rows.map(toTask),
});

server.route({
  method: 'PUT',
  url: '/tasks/:id',
  schema: { body: taskBody },
  async handler(request, reply) {
    const { name, done } = request.body;
    const { rowCount } = await changeTask([name, done, request.params.id]);
    return rowCount === 1 ? { name, done, id: Number(request.params.id) } : notFound(reply);
  },
});

server.route({
  method: 'GET',
  url: '/users',
  schema: { querystring: pageQuery },
  async handler(request) {
    const { skip, limit } = request.query;
    const people = (await somePeople([limit, skip])).rows;
    const items = new Map(people.map(({ id }) => [id, []]));
    for (const item of (await theirItems([[...items.keys()]])).rows) items.get(item.owner_id).push(item);
    return people.map(({ id, email, is_active }) => ({ email, id, is_active, items: items.get(id) }));
  },
});

server.route({
  method: 'POST',
  url: '/log',
  schema: { body: logBody },
  async handler(request) {
    await addEntry([request.body.message, new Date().toISOString()]);
    return { status: 'Log entry created' };
  },
});

await server.listen({ host: '127.0.0.1', port: Number(PORT) });
