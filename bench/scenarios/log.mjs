import { LOAD_FIGURES } from '../figures.mjs';
import { checkAnswer } from './check-answer.mjs';
import { countLogRows } from './count-rows.mjs';
import { JSON_HEADERS, loadScenario } from './load.mjs';

/** POST /log with a message of 50 characters. */
export const writeLog = {
  method: 'POST',
  path: '/log',
  headers: JSON_HEADERS,
  body: JSON.stringify({ message: 'The backup has been done, and nothing went wrong..' }),
};

/** Makes sure that POST /log acknowledges an entry. Answers how many were acknowledged. */
export async function checkLog({ url }) {
  await checkAnswer(url, writeLog, { status: 'Log entry created' });
  return 1;
}

export const scenario = loadScenario({
  name: 'log',
  title: 'Add a log entry: POST /log',
  endpoints: ['POST /log'],
  writes: true,
  rows: {},
  figures: LOAD_FIGURES,
  runs: ({ connections }) =>
    (connections ? [connections] : [1, 16, 64, 256]).map((one) => ({ connections: one })),
  check: checkLog,
  requests: () => [writeLog],
  counted: 'Log entries in the database, and acknowledged writes',
  verify: countLogRows,
});
