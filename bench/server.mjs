import { closeSync, openSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { endProcess, startProcess } from './children.mjs';
import { freePort } from './free-port.mjs';
import * as usage from './process-usage.mjs';

const START_LIMIT_MS = 60_000;
const POLL_MS = 5;

/**
 * Starts a contestant's server in production mode on loopback and waits for its first 200.
 *
 * Its standard output goes to /dev/null: a log is written as it is in service, and neither a reader nor the disk
 * disturbs the measurement. Its standard error is kept to explain a start that fails.
 */
export async function startServer(contestant, database) {
  const port = await freePort();
  const { file, args, environment } = contestant.command({ port, database });
  const stderrFile = join(database.folder, `${contestant.name}.stderr`);
  const output = [openSync('/dev/null', 'w'), openSync(stderrFile, 'a')];
  const begin = performance.now();
  const child = startProcess(file, args, {
    // Not the repository, where there may be a .env.
    cwd: database.folder,
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...environment },
    stdio: ['ignore', ...output],
  });
  output.forEach((descriptor) => closeSync(descriptor));
  let failure;
  child.once('error', (error) => (failure = error.message));
  child.once('exit', (code, signal) => (failure ??= `it ended with ${signal ?? `code ${code}`}`));

  const url = `http://127.0.0.1:${port}`;
  while (!(await answers(`${url}${contestant.readyPath}`))) {
    if (performance.now() - begin > START_LIMIT_MS) failure ??= `no answer in ${START_LIMIT_MS / 1_000} s`;
    if (failure) {
      await endProcess(child, { signal: 'SIGKILL' });
      // Apart from the sentence, which goes into the results: it may have the names of folders.
      const cause = readFileSync(stderrFile, 'utf8').trim();
      throw new Error(`it did not start: ${failure}`, { cause });
    }
    await delay(POLL_MS);
  }
  const startMs = performance.now() - begin;
  return {
    url,
    startMs,
    cpuMicroseconds: () => usage.cpuMicroseconds(child.pid),
    residentBytes: () => usage.residentBytes(child.pid),
    peakResidentBytes: () => usage.peakResidentBytes(child.pid),
    resetPeakResident: () => usage.resetPeakResident(child.pid),
    stop: () => endProcess(child),
  };
}

/** Whether a GET is answered with 200. Each has a connection of its own. */
function answers(url) {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: 5_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('error', () => resolve(false)).on('timeout', () => request.destroy());
  });
}
