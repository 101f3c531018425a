import { readFileSync } from 'node:fs';
import { createDatabase, type TestDatabase } from '../support/databases.js';
import { faultOption } from '../support/fault-options.js';
import { sendAtOnce } from '../support/raw-connections.js';
import { type Server, startServer } from '../support/server.js';

const ROUNDS = faultOption('rounds', 20);
const AT_ONCE = 20;
const ANSWERED_MS = 10_000;

const workersOf = ({ process: { pid } }: Server) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

/** The answers, or that they have not come. */
const inTime = <T>(answers: Promise<T>): Promise<T | string> =>
  Promise.race([answers, new Promise<string>((resolve) => setTimeout(resolve, ANSWERED_MS, 'hung'))]);

describe('two workers', () => {
  let database: TestDatabase;
  const start = () => startServer({ DATABASE_URL: database.url, WORKERS: '2', SHUTDOWN_SECONDS: '60' });
  beforeEach(async () => {
    database = await createDatabase('sqlite');
  });
  afterEach(() => database.drop());

  it('let no request hang that a killed one had not begun', async () => {
    const server = await start();
    for (let round = 0; round < ROUNDS; round += 1) {
      const [first] = workersOf(server);
      process.kill(first!, 'SIGSTOP');
      const answers = await sendAtOnce(server.url, '/info', AT_ONCE);
      process.kill(first!, 'SIGKILL');
      expect(await inTime(answers()), `round ${round}`).toEqual(Array(AT_ONCE).fill(200));
      await expect
        .poll(() => server.output.filter((line) => line.includes('has taken its place')).length, {
          timeout: 60_000,
        })
        .toBe(round + 1);
    }
    expect(await server.end('SIGTERM')).toEqual([0, null]);
  });

  it('answer at SIGTERM what was sent before it', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const server = await start();
      const answers = await sendAtOnce(server.url, '/info', AT_ONCE);
      const ended = server.end('SIGTERM');
      expect(await inTime(answers()), `round ${round}`).toEqual(Array(AT_ONCE).fill(200));
      expect(await ended).toEqual([0, null]);
    }
  });
});
