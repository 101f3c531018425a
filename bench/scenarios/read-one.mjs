import { tasks } from '../database/rows.mjs';
import { LOAD_FIGURES } from '../figures.mjs';
import { checkAnswer } from './check-answer.mjs';
import { loadScenario } from './load.mjs';

/** GET /tasks/1. */
export const readTask = { method: 'GET', path: '/tasks/1' };

const [{ id, name, done }] = tasks(1);

/** Makes sure that GET /tasks/1 answers the task. */
export const checkTask = ({ url }) => checkAnswer(url, readTask, { id, name, done });

export const scenario = loadScenario({
  name: 'read-one',
  title: 'Read one task: GET /tasks/1 of 100',
  endpoints: ['GET /tasks/:id'],
  rows: { tasks: () => tasks(100) },
  figures: LOAD_FIGURES,
  check: checkTask,
  requests: () => [readTask],
});
