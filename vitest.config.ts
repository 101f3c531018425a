import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globals: true,
    include: ['src/**/*.spec.ts', 'test/**/*.spec.ts'],
    setupFiles: ['reflect-metadata'],
    globalSetup: [
      'test/support/postgres.server.ts',
      'test/support/search.snapshot.ts',
      'test/support/chromium.ts',
    ],
    // Each file has a process and databases of its own.
    pool: 'forks',
    // Much of a test is waiting: for disks, processes and a browser. Vitest leaves one core unused.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
