import { randomUUID } from 'node:crypto';

/** A path of the API with its methods, besides HEAD and OPTIONS, which every path has. */
export interface Route {
  readonly path: string;
  readonly methods: readonly ('GET' | 'POST' | 'PUT' | 'DELETE')[];
  /** Its answer has no end. */
  readonly endless?: true;
  /** A body that POST and PUT take. */
  readonly body?: () => Record<string, unknown>;
}

export const routes: readonly Route[] = [
  { path: '/', methods: ['GET'] },
  { path: '/info', methods: ['GET'] },
  { path: '/log', methods: ['POST'], body: () => ({ message: 'The backup is done' }) },
  { path: '/logs', methods: ['GET', 'POST'] },
  { path: '/logs/stream', methods: ['GET'], endless: true },
  { path: '/tasks', methods: ['GET', 'POST'], body: () => ({ name: 'Water the plants', done: false }) },
  {
    path: '/tasks/import',
    methods: ['POST'],
    body: () => ({
      lists: [{ id: 'L1', title: 'Garden' }],
      tasks: [{ id: 'T1', list_id: 'L1', title: 'Water the plants', completed: false }],
    }),
  },
  { path: '/tasks/export', methods: ['GET'] },
  {
    path: '/tasks/{task_id}',
    methods: ['DELETE', 'GET', 'PUT'],
    body: () => ({ name: 'Water the plants', done: true }),
  },
  {
    path: '/users',
    methods: ['GET', 'POST'],
    body: () => ({ email: `${randomUUID()}@example.com`, password: 'correct horse' }),
  },
  { path: '/users/{user_id}', methods: ['GET'] },
  {
    path: '/users/{user_id}/items',
    methods: ['POST'],
    body: () => ({ title: 'Lamp', description: 'Brass' }),
  },
  { path: '/items', methods: ['GET'] },
  { path: '/slowusers', methods: ['GET'] },
  { path: '/notes', methods: ['GET', 'POST'], body: () => ({ text: 'Buy milk', completed: false }) },
  { path: '/notes/all', methods: ['GET'] },
  {
    path: '/notes/{note_id}',
    methods: ['DELETE', 'GET', 'PUT'],
    body: () => ({ text: 'Buy milk', completed: true }),
  },
  { path: '/search', methods: ['GET'] },
  { path: '/search/{symbol}', methods: ['GET'] },
  { path: '/health/live', methods: ['GET'] },
  { path: '/health/ready', methods: ['GET'] },
  { path: '/metrics', methods: ['GET'] },
];

/** The methods of POST and PUT that a path has, each with the path and a body it takes. */
export const writes = routes.flatMap(({ path, methods, body }) =>
  methods.flatMap((method) =>
    body && method !== 'GET' && method !== 'DELETE' ? [{ method, path, body }] : [],
  ),
);

/** Paths that are below another with an id: what they have no method for may be one of that path. */
export const besideIds = ['/notes/all', '/tasks/import', '/tasks/export'];

/** The path with this in the place of its id. */
export function pathWith(path: string, id: number | string): string {
  return path.replace(/\{\w+\}/, String(id));
}

/** The Allow header of a path. */
export function allowOf({ methods }: Route): string {
  const all = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'];
  return all.toSorted().join(', ');
}
