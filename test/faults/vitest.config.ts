import { defineConfig } from 'vitest/config';

/** The long proofs: npm run test:faults. One at a time, as some of them look at times. */
export default defineConfig({
  test: {
    globals: true,
    include: ['test/faults/**/*.faults.ts'],
    setupFiles: ['reflect-metadata', 'test/support/children.setup.ts'],
    globalSetup: ['test/support/postgres.server.ts', 'test/support/search.snapshot.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 3_600_000,
    hookTimeout: 300_000,
    reporters: ['verbose'],
    disableConsoleIntercept: true,
  },
});
