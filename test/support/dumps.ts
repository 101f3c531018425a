import fc from 'fast-check';

/** A dump with something of everything that Microsoft To Do keeps. */
export const DUMP = {
  settings: [{ key: 'theme', value: { dark: true } }],
  lists: [
    { id: 'AQMkADAwL1', title: 'Garden', position: '2020-01-01T00:00:00.0000000Z', is_owner: true },
    { id: 'AQMkADAwL2', title: 'Work' },
  ],
  tasks: [
    {
      id: 'AQMkADAwT1',
      list_id: 'AQMkADAwL1',
      title: 'Water the plants',
      completed: false,
      position: '2020-01-02T00:00:00.0000000Z',
      created_at: { date_time: '2020-05-06T23:06:35.8690000', time_zone: 'UTC' },
      due_date: { date_time: '2020-05-31T22:00:00.0000000', time_zone: 'UTC' },
      completed_at: null,
      note: '<p>Not the cactus</p>',
      importance: 'high',
    },
    {
      id: 'AQMkADAwT2',
      list_id: 'AQMkADAwL2',
      title: 'Read the mail',
      completed: true,
      position: 17,
      created_at: { date_time: '2020-05-06', time_zone: 'W. Europe Standard Time' },
      completed_at: { date_time: '2020-05-07T01:00:00', time_zone: 'W. Europe Standard Time' },
    },
  ],
  steps: [
    { id: 'S1', task_id: 'AQMkADAwT1', title: 'Fill the can', completed: true, position: 2 },
    {
      id: 'S2',
      task_id: 'AQMkADAwT1',
      title: 'Look for it',
      completed: false,
      position: 1,
      created_at: null,
    },
  ],
  sync_state: null,
};

/** Text that both engines keep. */
const text = fc
  .oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }))
  .map((value) => value.replaceAll('\0', '').toWellFormed());

const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });

const time = fc.date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });

const givenTime = fc.record(
  {
    date_time: time.map((value) => value.toISOString().slice(0, -1)),
    time_zone: orNull(fc.constantFrom('UTC', 'Europe/Berlin', 'Pacific Standard Time', 'Nowhere')),
  },
  { requiredKeys: ['date_time'] },
);

const position = fc.oneof(
  fc.integer(),
  time.map((value) => value.toISOString()),
  fc.constantFrom('', 'first'),
);

/** Fields that Daybook does not know, and those that JavaScript knows of every object. */
const others = fc.dictionary(
  fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString', 'extra')),
  fc.jsonValue(),
  { maxKeys: 3 },
);

const completed = fc.oneof(fc.boolean(), fc.constantFrom(0, 1, null));

const records = (own: Record<string, fc.Arbitrary<unknown>>, prefix: string) =>
  fc
    .array(
      fc
        .tuple(others, fc.record({ title: text, ...own }, { requiredKeys: ['title'] }))
        .map(([more, fields]) => ({ ...more, ...fields })),
      { maxLength: 8 },
    )
    .map((all) => all.map((one, n) => ({ ...one, id: n % 3 === 0 ? n : `${prefix}${n}` })));

const reference = (prefix: string) =>
  orNull(
    fc.oneof(
      fc.nat(9),
      fc.nat(9).map((n) => `${prefix}${n}`),
      fc.constant('gone'),
    ),
  );

/** Any dump whose records are all good. Its references may lead nowhere. */
export const dumps = fc
  .record(
    {
      lists: orNull(records({ position: orNull(position) }, 'L')),
      tasks: records(
        {
          list_id: reference('L'),
          completed,
          position: orNull(position),
          note: orNull(text),
          created_at: orNull(givenTime),
          due_date: orNull(givenTime),
          completed_at: orNull(givenTime),
        },
        'T',
      ),
      steps: orNull(
        records(
          { task_id: reference('T'), completed, position: orNull(position), created_at: orNull(givenTime) },
          'S',
        ),
      ),
      others: fc.jsonValue(),
    },
    { requiredKeys: ['tasks'] },
  )
  // As it is when it has been JSON once: without -0 and the like.
  .map((dump) => JSON.parse(JSON.stringify(dump)) as Record<string, unknown>);
