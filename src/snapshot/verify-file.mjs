// In a thread of its own: verifies an SQLite file, its full-text indexes as well, and says what it has found.
// JavaScript, because a thread begins with a file that Node can run as it is, in src and in dist.
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';

let answer;
try {
  // It waits here where another process has the file locked for a moment: 5 s are better-sqlite3's own limit.
  const database = new Database(workerData, { readonly: true, fileMustExist: true });
  try {
    const found = database.pragma('quick_check(1)', { simple: true });
    answer = found === 'ok' ? {} : { code: 'SQLITE_CORRUPT', message: found };
  } finally {
    database.close();
  }
} catch ({ code, message }) {
  answer = { code, message };
}
// Between threads there are no origins.
// oxlint-disable-next-line unicorn/require-post-message-target-origin
parentPort.postMessage(answer);
