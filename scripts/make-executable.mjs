// npx takes the command from the folder as it is, and the compiler writes files that cannot be run.
import { chmodSync } from 'node:fs';

chmodSync(new URL('../dist/src/cli/daybook.js', import.meta.url), 0o755);
