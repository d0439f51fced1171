import { defineConfig } from 'vitest/config';

/** Not UTC on purpose: whatever forgets to say UTC shows here. */
const env = { TZ: 'Pacific/Auckland' };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**'],
          env,
          testTimeout: 30_000,
          hookTimeout: 120_000,
        },
      },
      {
        // The real path: one platform for all files, one file after the other, after the unit tests.
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/e2e/global-setup.ts'],
          env,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
