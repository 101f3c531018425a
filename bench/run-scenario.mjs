import { startServer } from './server.mjs';
import { pairedRatio, spread } from './statistics.mjs';

const WARM_UP_SECONDS = 3;

/**
 * Measures a scenario with all contestants in turns: A B C A B C … Each server lives through all rounds.
 *
 * Who answers wrongly or loses rows is out, with the reason, and the others go on.
 * @param context `contestants`, `newDatabase()`, `drive()`, `seconds`, `rounds`, `connections` and `progress`
 */
export async function runScenario(scenario, context) {
  const { contestants, rounds, seconds, progress } = context;
  const runs = scenario.runs(context);
  const entries = contestants.map((contestant) => ({
    contestant,
    measurements: runs.map(() => []),
    acknowledged: 0,
    underWay: 0,
  }));
  const inTurns = async (label, step) => {
    for (const entry of entries) {
      progress.show(`${label} ${entry.contestant.name}`);
      await attempt(entry, () => step(entry));
      progress.step();
    }
  };

  await inTurns('prepare', (entry) => prepare(entry, scenario, context));
  let round = 0;
  for (const [index, run] of runs.entries()) {
    const at = run.connections ? ` at ${run.connections}` : '';
    round += 1;
    const warmUp = Math.min(seconds, WARM_UP_SECONDS);
    await inTurns(`warm-up${at}`, (entry) =>
      measure(entry, scenario, context, { run, round, seconds: warmUp }),
    );
    for (let number = 1; number <= rounds; number += 1) {
      round += 1;
      await inTurns(`round ${number}${at}`, async (entry) => {
        entry.measurements[index].push(await measure(entry, scenario, context, { run, round, seconds }));
      });
    }
  }
  await inTurns('count', (entry) => count(entry, scenario));
  for (const { server } of entries) await server?.stop();
  return report(scenario, runs, entries, rounds);
}

/** How many steps of the progress bar a scenario takes. */
export function countSteps(scenario, context) {
  return context.contestants.length * (2 + scenario.runs(context).length * (1 + context.rounds));
}

async function attempt(entry, step) {
  if (entry.failure) return;
  try {
    await step();
  } catch (error) {
    entry.failure = error.message;
    entry.cause = error.cause;
  }
}

async function prepare(entry, scenario, { newDatabase }) {
  const { contestant } = entry;
  entry.database = await newDatabase();
  await contestant.peer.prepare(entry.database, scenario.rows, contestant);
  if (scenario.startsServers) return;
  entry.server = await startServer(contestant, entry.database);
  entry.acknowledged += (await scenario.check(entry.server)) ?? 0;
}

async function measure(entry, scenario, { drive }, { run, round, seconds }) {
  const { contestant, database, server } = entry;
  const start = () => startServer(contestant, database);
  const measurement = await scenario.measure({ server, start, drive, run, round, seconds });
  entry.acknowledged += measurement.accepted;
  entry.underWay += run.connections ?? 0;
  entry.last = { lastRound: round, lastAccepted: measurement.accepted };
  const { errors } = measurement;
  if (errors > 0) throw new Error(`${errors} requests were not answered with 2xx`);
  return measurement;
}

/** After the server has ended: what it has acknowledged must be in the database. */
async function count(entry, scenario) {
  await entry.server?.stop();
  try {
    entry.rows = await scenario.verify?.(entry.database, { ...entry, ...entry.last });
  } catch (error) {
    entry.lostRows = true;
    throw error;
  }
}

function report({ figures }, runs, entries, rounds) {
  const results = runs.map((run, index) => {
    const complete = entries.filter((entry) => !isOut(entry, index, rounds));
    const numbers = (entry, key) => entry.measurements[index].map((one) => one[key]);
    const summary = (entry) =>
      Object.fromEntries(figures.map(({ key }) => [key, spread(numbers(entry, key))]));
    const ratios = (entry, other) =>
      Object.fromEntries(
        figures.map(({ key }) => [key, pairedRatio(numbers(entry, key), numbers(other, key))]),
      );
    return {
      ...run,
      contestants: entries.map((entry) => ({
        ...describe(entry),
        ...(complete.includes(entry)
          ? {
              summary: summary(entry),
              ratios: Object.fromEntries(
                complete
                  .filter((other) => other !== entry)
                  .map((other) => [other.contestant.name, ratios(entry, other)]),
              ),
              rounds: entry.measurements[index],
            }
          : { failed: entry.failure }),
      })),
    };
  });
  const failures = entries
    .filter(({ failure }) => failure)
    .map(({ contestant, failure }) => ({ contestant: contestant.name, reason: failure }));
  const causes = entries.filter(({ cause }) => cause).map(({ cause }) => cause);
  return { results, failures, causes };
}

/** Who loses rows is out with all figures, and who breaks off with those that are not complete. */
function isOut(entry, index, rounds) {
  return entry.measurements[index].length < rounds || entry.lostRows;
}

function describe({ contestant: { name, about, floor }, rows }) {
  return { name, about, floor, ...(rows && { rows }) };
}
