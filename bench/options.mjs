import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { SCENARIOS } from './scenarios/all-scenarios.mjs';

const ENGINES = ['sqlite', 'postgres'];

/** What `--help` prints. */
export const USAGE = `npm run bench -- [scenario …] [option …]

Scenarios (all, where none is named): ${SCENARIOS.map(({ name }) => name).join(', ')}

  --engine sqlite|postgres   only on this engine
  --peers a,b                only these contestants: names, or files of other peers
  --seconds 5                length of a round
  --rounds 5                 rounds
  --connections N            connections of the driver, instead of the scenario's own
  --driver wrk|autocannon    what sends the requests: wrk where it is installed
  --publish                  write the results to bench/results, and docs/performance.md from the newest ones
  --out DIR                  write the results and a page of them to this folder instead
  --report                   only write the page anew from the results that are there

Without --publish or --out, the tables are printed and nothing is written.
`;

/**
 * Reads the command line.
 *
 * @throws Error with a sentence where it cannot be understood
 */
export function parseOptions(argv) {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      engine: { type: 'string' },
      peers: { type: 'string' },
      seconds: { type: 'string', default: '5' },
      rounds: { type: 'string', default: '5' },
      connections: { type: 'string' },
      driver: { type: 'string' },
      publish: { type: 'boolean', default: false },
      out: { type: 'string' },
      report: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const names = SCENARIOS.map(({ name }) => name);
  const unknown = positionals.find((name) => !names.includes(name));
  if (unknown) throw new Error(`There is no scenario "${unknown}"; there are ${names.join(', ')}.`);
  if (values.engine && !ENGINES.includes(values.engine)) {
    throw new Error(`--engine must be sqlite or postgres, not "${values.engine}".`);
  }
  if (values.publish && values.out !== undefined) throw new Error('Give --publish or --out, not both.');
  return {
    scenarios: SCENARIOS.filter(({ name }) => positionals.length === 0 || positionals.includes(name)),
    engines: values.engine ? [values.engine] : ENGINES,
    peers: values.peers?.split(',').filter((name) => name !== ''),
    seconds: wholeNumber('seconds', values.seconds),
    rounds: wholeNumber('rounds', values.rounds),
    connections: values.connections && wholeNumber('connections', values.connections),
    driver: values.driver,
    publish: values.publish,
    out: values.out,
    report: values.report,
    help: values.help,
  };
}

/** The command that measures a scenario in the same way again, and only prints: it names no folder and does not publish. */
export function commandOf({ scenario, engine, peers, seconds, rounds, connections, driver }) {
  const options = [`--engine ${engine}`, `--seconds ${seconds}`, `--rounds ${rounds}`, `--driver ${driver}`];
  if (peers) options.unshift(`--peers ${peers.map((name) => basename(name)).join(',')}`);
  if (connections) options.push(`--connections ${connections}`);
  return `npm run bench -- ${scenario} ${options.join(' ')}`;
}

function wholeNumber(name, text) {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) {
    throw new Error(`--${name} must be a whole number of at least 1, not "${text}".`);
  }
  return number;
}
