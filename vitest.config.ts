import { defineConfig } from 'vitest/config';

/** The tests in a browser, which is unpacked only where one of them runs. */
const inBrowser = ['test/browser/**/*.spec.ts', 'test/load/**/*.spec.ts'];

const common = {
  globals: true,
  setupFiles: ['reflect-metadata'],
  // Each file has a process and databases of its own.
  pool: 'forks' as const,
  // Much of a test is waiting: for disks, processes and a browser. Vitest leaves one core unused.
  maxWorkers: 2,
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

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
          exclude: inBrowser,
        },
      },
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
