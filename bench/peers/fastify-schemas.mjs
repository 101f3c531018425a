/** The body of a new log entry. */
export const logBody = {
  type: 'object',
  required: ['message'],
  properties: { message: { type: 'string' } },
};

/** The body of a task. */
export const taskBody = {
  type: 'object',
  required: ['name', 'done'],
  properties: { name: { type: 'string' }, done: { type: 'boolean' } },
};

/** The part of a list. */
export const pageQuery = {
  type: 'object',
  properties: {
    skip: { type: 'integer', minimum: 0, default: 0 },
    limit: { type: 'integer', minimum: 0, maximum: 1_000, default: 100 },
  },
};
