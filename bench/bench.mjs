// Measures Daybook and its peers. bench/README.md says how, and `npm run bench -- --help` with which options.
import { choosePeers, contestantsOf } from './contestants.mjs';
import { exitOnSignals } from './children.mjs';
import { createPostgres, startPostgres } from './database/postgres.mjs';
import { createSqlite } from './database/sqlite.mjs';
import { chooseDriver } from './drivers/choose-driver.mjs';
import { describeMachine } from './machine.mjs';
import { commandOf, parseOptions, USAGE } from './options.mjs';
import { writePage } from './report/performance-page.mjs';
import { ProgressBar } from './report/progress-bar.mjs';
import { saveResult } from './report/results.mjs';
import { terminalTables } from './report/terminal-table.mjs';
import { countSteps, runScenario } from './run-scenario.mjs';
import { temporaryFolder } from './temporary-folder.mjs';

exitOnSignals();
try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) console.log(USAGE);
  else if (options.report) console.log(`Written: ${await writePage(options.out)}`);
  else process.exitCode = await measureAll(options);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

/** Runs all that is asked for. Answers the exit code. */
async function measureAll(options) {
  const driver = chooseDriver(options.driver);
  const folder = temporaryFolder();
  const writes = options.publish || options.out !== undefined;
  const chosen = await choosePeers(options.peers);
  const notRun = await makeReady(chosen.map(({ peer }) => peer));
  const able = chosen.filter(({ peer }) => !notRun.has(peer));
  const plan = options.scenarios
    .flatMap((scenario) => scenario.engines.map((engine) => ({ scenario, engine })))
    .filter(({ engine }) => options.engines.includes(engine))
    .map((one) => ({ ...one, contestants: contestantsOf(able, one.scenario, one.engine) }))
    .filter(({ contestants }) => contestants.length > 0);
  if (plan.length === 0) throw new Error('None of these peers takes part in these scenarios.');

  const postgres = plan.some(({ engine }) => engine === 'postgres') ? await startPostgres() : undefined;
  const steps = plan.map(({ scenario, contestants }) => countSteps(scenario, { ...options, contestants }));
  const progress = new ProgressBar(steps.reduce((sum, one) => sum + one, 0));
  const failures = [];
  for (const { scenario, engine, contestants } of plan) {
    const machine = describeMachine(folder);
    progress.title(`${scenario.name} ${engine}`);
    const { causes, ...measured } = await runScenario(scenario, {
      ...options,
      contestants,
      progress,
      drive: (load) => driver.drive({ ...load, folder }),
      newDatabase: () => (engine === 'sqlite' ? createSqlite(folder) : createPostgres(postgres, folder)),
    });
    const { name, title, note, counted, figures } = scenario;
    const absent = [...notRun].filter(([peer]) => contestantsOf([{ peer }], scenario, engine).length > 0);
    const result = {
      ...{ scenario: name, engine, title, note, counted, measuredAt: new Date().toISOString() },
      command: commandOf({ ...options, scenario: name, engine, driver: driver.name }),
      ...{ seconds: options.seconds, rounds: options.rounds, driver: driver.name, machine },
      versions: await versionsOf({ driver, engine, contestants, postgres }),
      notRun: absent.map(([peer, reason]) => ({ contestant: peer.name, reason })),
      ...measured,
      figures,
    };
    failures.push(...measured.failures.map((failure) => ({ ...failure, scenario: name, engine })));
    progress.clear();
    console.log(terminalTables(result));
    for (const cause of causes) console.error(cause);
    if (writes) await saveResult(result, options.out);
  }
  progress.clear();
  await postgres?.stop();
  if (writes) console.log(`Written: ${await writePage(options.out)}`);
  for (const { contestant, scenario, engine, reason } of failures) {
    console.error(`${contestant} failed in ${scenario} on ${engine}: ${reason}.`);
  }
  return failures.length > 0 ? 1 : 0;
}

/** Builds the peers that need it. Answers those that cannot run here, with the reasons. */
async function makeReady(peers) {
  const notRun = new Map();
  for (const peer of new Set(peers)) {
    const reason = await peer.unavailable?.();
    if (reason) notRun.set(peer, reason);
    else await peer.build?.();
  }
  return notRun;
}

async function versionsOf({ driver, engine, contestants, postgres }) {
  const peers = [...new Set(contestants.map(({ peer }) => peer))];
  const theirs = await Promise.all(peers.map((peer) => peer.versions?.()));
  return Object.assign(
    { node: process.versions.node, [driver.name]: driver.version() },
    engine === 'postgres' ? { postgresql: postgres.version } : {},
    ...theirs,
  );
}
