import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runToEnd } from '../children.mjs';

const SCRIPT = fileURLToPath(new URL('wrk.lua', import.meta.url));

/** wrk: written in C, it leaves the most of the machine to the server. Not everywhere installed. */
export const wrk = {
  name: 'wrk',
  isInstalled: () => version() !== undefined,
  version,
  /** Sends requests as fast as they are answered, on so many connections, for so many seconds. */
  async drive({ url, requests, connections, seconds, folder }) {
    const file = join(folder, `requests-${randomUUID()}.lua`);
    await writeFile(file, `return {${requests.map(toLua).join(', ')}}`);
    const args = ['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '--timeout', '10s'];
    const output = await runToEnd('wrk', [...args, '-s', SCRIPT, url, '--', file]);
    const result = JSON.parse(/^RESULT (.*)$/m.exec(output)[1]);
    // wrk counts statuses from 400 as refused. There are none from 300 to 399: an answer is looked at beforehand.
    const accepted = result.answers - result.refused;
    return {
      accepted,
      refused: result.refused,
      errors: result.errors,
      perSecond: accepted / (result.microseconds / 1e6),
      p50: result.p50 / 1_000,
      p99: result.p99 / 1_000,
    };
  },
};

function version() {
  const { stdout } = spawnSync('wrk', ['--version'], { encoding: 'utf8' });
  return stdout ? (/\d+\.\d+(\.\d+)?/.exec(stdout)?.[0] ?? 'unknown') : undefined;
}

function toLua({ method, path, headers = {}, body }) {
  const pairs = Object.entries(headers).map(([name, value]) => `[${text(name)}] = ${text(value)}`);
  const parts = [`method = ${text(method)}`, `path = ${text(path)}`, `headers = {${pairs.join(', ')}}`];
  if (body !== undefined) parts.push(`body = ${text(body)}`);
  return `{${parts.join(', ')}}`;
}

/** A Lua string is written as one of JSON is, where it is plain ASCII. */
function text(value) {
  return JSON.stringify(value);
}
