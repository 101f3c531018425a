// Lets many users at once ask a running Daybook, and reports how it answers: docs/load-test.md.
import { access, constants, stat, writeFile } from 'node:fs/promises';
import { availableParallelism, constants as os, cpus } from 'node:os';
import { dirname, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { formatNumber } from '../figures.mjs';
import { TerminalLine } from '../report/terminal-line.mjs';
import { textTable } from '../report/terminal-table.mjs';
import { packageVersion, packageVersions } from '../versions.mjs';
import { ENDPOINTS } from './endpoints.mjs';
import { MIXES, readMix } from './mixes.mjs';
import { reportPage } from './report-page.mjs';
import { runLoad } from './run-load.mjs';
import { setUp } from './set-up.mjs';
import { endpointTable, failureTable, sentences } from './tables.mjs';
import { identify, isLoopback, readHost } from './target.mjs';

const MOST_USERS = 10_000;
/** The report has a point for each second. */
const MOST_SECONDS = 3_600;

const command = new Command('npm run load --')
  .description(
    'Lets many users at once ask a running Daybook, and writes a report of how it answers.\n\n' +
      'It WRITES into the database of that server, and does not remove what it has written: ' +
      'point it at one that you can throw away.',
  )
  .option('--host <url>', 'the server', argument(readHost), 'http://127.0.0.1:8000')
  .option('--yes', 'also load and write into a server that is not on this machine')
  .option('--users <n>', 'how many ask at once', whole(MOST_USERS), 20)
  .option('--duration <seconds>', 'for how long', whole(MOST_SECONDS), 30)
  .addOption(
    new Option('--mix <mix>', 'what they ask for: see below')
      .argParser(argument(readMix))
      .default(readMix('mixed'), 'mixed'),
  )
  .option('--max-failures <n>', 'how many failures are still a success', whole(Number.MAX_SAFE_INTEGER, 0), 0)
  .option('--out <file>', 'the report; an old one is replaced', 'load-report.html')
  .option('--json', 'answer with all figures as JSON, for scripts')
  .addHelpText('after', helpOnMixes())
  .action(load);

// npm passes a Ctrl-C on that the terminal has sent as well: the second must not end what the first has begun to end.
const stopped = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stopped.abort(signal));

try {
  await command.parseAsync();
} catch (error) {
  process.stderr.write(stopped.signal.aborted ? 'Stopped before it began.\n' : `${error.message}\n`);
  process.exitCode = 1;
}
if (stopped.signal.aborted) process.exitCode = 128 + os.signals[stopped.signal.reason];

async function load({ host, yes, users, duration, mix, maxFailures, out, json }) {
  const { signal } = stopped;
  const file = resolve(out);
  await makeSureOfFile(file);
  if (!yes && !isLoopback(host)) {
    throw new Error(`${host} is not this machine. With --yes it is loaded, and written into, all the same.`);
  }
  const api = await identify(host, signal);
  const line = new TerminalLine();
  line.show('Setting up …');
  const { ids, made } = await setUp(host, mix, signal);
  const startedAt = new Date().toISOString();
  let failures = 0;
  const measured = await runLoad({
    ...{ origin: host, users, duration, mix, ids, signal },
    onSecond: ({ at, perSecond, p50, p99, failures: kinds }) => {
      failures += Object.values(kinds).reduce((sum, count) => sum + count, 0);
      const figures = [`${formatNumber(perSecond)} req/s`, `p50 ${ms(p50)}`, `p99 ${ms(p99)}`];
      line.show(
        [`${Math.round(at)} of ${duration} s`, ...figures, `failures ${formatNumber(failures)}`].join(' · '),
      );
    },
  });
  line.clear();

  // What the server itself tells is the version of its API.
  const versions = {
    ...{ 'daybook-api': api, 'load-test': packageVersion(), node: process.versions.node },
    ...packageVersions('autocannon'),
  };
  const result = {
    ...{ host, startedAt, stopped: signal.aborted, settings: { users, duration, mix } },
    ...{
      versions,
      machine: `${cpus()[0]?.model.trim()}, ${availableParallelism()} cores`,
    },
    ...{ setUp: made, ...measured, report: file },
  };
  await writeFile(file, reportPage(result));
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${textOf(result)}\n`);
  if (measured.succeeded === 0) throw new Error('Not one request was answered with 2xx.');
  if (measured.failed > maxFailures) {
    throw new Error(`${formatNumber(measured.failed)} requests failed; --max-failures is ${maxFailures}.`);
  }
}

function textOf(result) {
  return [
    ...sentences(result),
    '',
    textTable(endpointTable(result)),
    '',
    ...(result.failed > 0 ? [textTable(failureTable(result)), ''] : []),
    `Report: ${result.report}`,
  ].join('\n');
}

/** Before the test, as it would be in vain. */
async function makeSureOfFile(file) {
  const fault = (reason) => new Error(`The report cannot be written to ${file}: ${reason}.`);
  const found = await stat(file).catch(() => undefined);
  if (found?.isDirectory()) throw fault('it is a folder');
  await access(found ? file : dirname(file), constants.W_OK).catch(({ code }) => {
    throw fault(code === 'ENOENT' ? 'there is no such folder' : 'this user may not write there');
  });
}

/** What commander says of an option's value in a sentence of its own. */
function argument(read) {
  return (text) => {
    try {
      return read(text);
    } catch (error) {
      throw new InvalidArgumentError(error.message);
    }
  };
}

function whole(most, least = 1) {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

function ms(value) {
  return value === null ? '–' : `${formatNumber(value)} ms`;
}

function helpOnMixes() {
  const names = Object.entries(MIXES).map(
    ([name, mix]) => `  ${name.padEnd(9)} ${Object.keys(mix).join(', ')}`,
  );
  return `
Mixes:
${names.join('\n')}
  or a list of endpoints with weights: --mix "GET /tasks=6,POST /log=3"

Endpoints:
  ${Object.keys(ENDPOINTS).join(', ')}

Ids are those of rows that it makes beforehand. The exit code is 1 where there were more failures than --max-failures.
`;
}
