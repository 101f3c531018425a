import module from 'node:module';
import { fileURLToPath } from 'node:url';
import { OLDEST_NODE } from './version.js';

/**
 * Ends the process with one sentence on a Node that is too old.
 *
 * Call it before native modules are loaded: they are built for a newer Node-API, and crash an older Node.
 */
export function requireNode(): void {
  const { node } = process.versions;
  const [major = 0, minor = 0] = node.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE.split('.').map(Number);
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  process.stderr.write(
    `Daybook needs Node.js ${OLDEST_NODE} or newer, and this is ${node}: install a newer one, as docs/operations.md says ` +
      'under "From Node 20".\n',
  );
  process.exit(1);
}

/** What an entry of the build begins with: requires a Node that is new enough, and has it keep the code that it compiles. */
export function prepareNode(): void {
  requireNode();
  // Where the folder cannot be written, Node goes on without.
  module.enableCompileCache(fileURLToPath(new URL('../compile-cache', import.meta.url)));
}
