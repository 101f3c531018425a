// npm run test:faults: proofs that take minutes, each in a file of test/faults.
//   npm run test:faults                                     all of them
//   npm run test:faults -- fuzz --requests 100000           those with a name like that, longer
// The options are for the proofs that know them (test/support/fault-options.ts).
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const options = { requests: { type: 'string' }, rounds: { type: 'string' }, seed: { type: 'string' } };

try {
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  const given = Object.entries(values).map(([name, value]) => [
    `FAULTS_${name.toUpperCase()}`,
    wholeOf(name, value),
  ]);
  process.exitCode = run(positionals, Object.fromEntries(given));
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}

function run(names, environment) {
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
  const { status } = spawnSync(
    process.execPath,
    [vitest, 'run', '--config', 'test/faults/vitest.config.ts', ...names],
    {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      env: { ...process.env, ...environment },
      stdio: 'inherit',
    },
  );
  return status ?? 1;
}

function wholeOf(name, value) {
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new Error(`--${name} is a whole number from 1 on, not ${value}.`);
  return value;
}
