import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The tests in a browser, which is unpacked only where one of them runs. */
const inBrowser = ['test/browser/**/*.spec.ts', 'test/load/**/*.spec.ts'];

/** Those that replace or reset modules, or send their process signals, which others of the process would feel. */
const alone = [
  'src/files/replace-file.spec.ts',
  'test/backup/backup.spec.ts',
  'test/e2e/users.e2e.spec.ts',
  'test/search/swap.spec.ts',
];

const common = {
  globals: true,
  setupFiles: ['reflect-metadata', 'test/support/children.setup.ts'],
  pool: 'forks' as const,
  // Files have databases of their own, and share a process: each would load some 2,000 modules.
  isolate: false,
  // Much of a test is waiting: for disks, processes and a browser. Two processors are busy with four files at once.
  maxWorkers: 4,
  // Nothing here is about time: a limit is for what would wait for ever, also on a machine that is busy otherwise.
  testTimeout: 300_000,
  hookTimeout: 300_000,
};

// Node keeps what it has compiled of the packages for the next file and run, where no folder is named already.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
  new URL('node_modules/.cache/compile-cache', import.meta.url),
);

export default defineConfig({
  test: {
    globalSetup: ['test/support/postgres.server.ts', 'test/support/search.snapshot.ts'],
    // A project that extends this one would start PostgreSQL again.
    projects: [
      {
        extends: false,
        test: {
          ...common,
          name: 'service',
          include: ['src/**/*.spec.ts', 'test/**/*.spec.ts'],
          exclude: [...inBrowser, ...alone],
        },
      },
      { extends: false, test: { ...common, name: 'alone', include: alone, isolate: true } },
      {
        extends: false,
        test: {
          ...common,
          name: 'browser',
          include: inBrowser,
          globalSetup: ['test/support/chromium.ts'],
        },
      },
    ],
  },
});
