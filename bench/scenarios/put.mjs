import { tasks } from '../database/rows.mjs';
import { LOAD_FIGURES } from '../figures.mjs';
import { checkAnswer } from './check-answer.mjs';
import { JSON_HEADERS, loadScenario } from './load.mjs';

const TASKS = 100;
const WRITINGS = 10;

/**
 * What is written into a task: each round something else, so that the last one can be seen afterwards, and in a
 * round each time something else, as SQLite writes nothing where a row stays as it is.
 */
const written = (id, round, writing) => ({
  name: `Task ${id} of round ${round}, writing ${writing}`,
  done: id % 2 === 0,
});

function replace(id, round, writing) {
  const body = JSON.stringify(written(id, round, writing));
  return { method: 'PUT', path: `/tasks/${id}`, headers: JSON_HEADERS, body };
}

export const scenario = loadScenario({
  name: 'put',
  title: `Replace a task: PUT /tasks/1 to /tasks/${TASKS} in turns`,
  endpoints: ['PUT /tasks/:id'],
  writes: true,
  rows: { tasks: () => tasks(TASKS) },
  figures: LOAD_FIGURES,
  async check({ url }) {
    await checkAnswer(url, replace(1, 0, 0), { id: 1, ...written(1, 0, 0) });
    return 1;
  },
  requests: (round) =>
    Array.from({ length: WRITINGS * TASKS }, (_none, index) =>
      replace((index % TASKS) + 1, round, Math.floor(index / TASKS)),
    ),
  counted: 'Tasks of 100 that have a value of the last round, and acknowledged writes',
  /** Every task has what the last round wrote, unless it was too short to come to all. */
  async verify(database, { acknowledged, lastRound, lastAccepted }) {
    const rows = await database.all('SELECT id, name FROM tasks ORDER BY id');
    const right = rows.filter(({ id, name }) => name.startsWith(`Task ${id} of round ${lastRound}, `));
    const cameToAll = lastAccepted >= WRITINGS * TASKS;
    if (rows.length !== TASKS || (cameToAll && right.length < TASKS)) {
      throw new Error(`lost rows: ${right.length} of ${rows.length} tasks have what was written last`);
    }
    return { acknowledged, found: right.length };
  },
});
