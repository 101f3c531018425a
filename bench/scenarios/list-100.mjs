import { tasks } from '../database/rows.mjs';
import { LOAD_FIGURES } from '../figures.mjs';
import { checkAnswer } from './check-answer.mjs';
import { loadScenario } from './load.mjs';

const list = { method: 'GET', path: '/tasks/' };

export const scenario = loadScenario({
  name: 'list-100',
  title: 'List tasks: GET /tasks/ with 100 tasks',
  endpoints: ['GET /tasks/'],
  rows: { tasks: () => tasks(100) },
  figures: LOAD_FIGURES,
  check: ({ url }) => checkAnswer(url, list, [...tasks(100)]),
  requests: () => [list],
});
