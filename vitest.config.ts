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
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
