import type { ApiBodyOptions } from '@nestjs/swagger';

type SchemaObject = Exclude<Extract<ApiBodyOptions, { schema: unknown }>['schema'], { $ref: string }>;

const id: SchemaObject = { oneOf: [{ type: 'string' }, { type: 'number' }], description: 'An id of theirs' };

const position: SchemaObject = {
  oneOf: [{ type: 'string' }, { type: 'number' }, { type: 'null' }],
  description: 'A number or a time',
};

const time = (description: string): SchemaObject => ({
  type: ['object', 'string', 'null'],
  description,
  properties: {
    date_time: {
      type: ['string', 'null'],
      description: 'ISO 8601',
      examples: ['2026-11-22T15:00:00.0000000'],
    },
    time_zone: {
      type: ['string', 'null'],
      description: 'Of the IANA or of Windows; UTC where none is given',
      examples: ['UTC'],
    },
  },
});

const flag: SchemaObject = { type: ['boolean', 'integer', 'null'], description: 'Whether it is done' };

const title: SchemaObject = { type: 'string', description: 'What it is called' };

const store = (
  description: string,
  required: string[],
  properties: Record<string, SchemaObject>,
): SchemaObject => ({
  type: ['array', 'null'],
  description,
  items: { type: 'object', required, properties },
});

/** The body of an import, in JSON Schema. Written by hand: no record of it is ever an instance of a class. */
export const DUMP_SCHEMA: SchemaObject = {
  type: 'object',
  description:
    'Object stores, of which there is at least one of these; others and their fields are kept as they are',
  properties: {
    lists: store('Lists', ['id', 'title'], { id, title, position }),
    tasks: store('Tasks', ['id', 'title'], {
      id,
      list_id: { ...id, oneOf: [{ type: 'string' }, { type: 'number' }, { type: 'null' }] },
      title,
      completed: flag,
      position,
      note: { type: ['string', 'null'], description: 'HTML or text' },
      created_at: time('When it was made'),
      due_date: time('When it is due'),
      completed_at: time('When it was done'),
    }),
    steps: store('Parts of tasks', ['id', 'title'], {
      id,
      task_id: { ...id, oneOf: [{ type: 'string' }, { type: 'number' }, { type: 'null' }] },
      title,
      completed: flag,
      position,
      created_at: time('When it was made'),
    }),
  },
  example: {
    lists: [{ id: 'L1', title: 'Garden' }],
    tasks: [{ id: 'T1', list_id: 'L1', title: 'Water the plants', completed: false, position: 1 }],
    steps: [{ id: 'S1', task_id: 'T1', title: 'Fill the can', completed: true, position: 1 }],
  },
};
