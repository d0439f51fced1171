import { defineConfig } from 'vitest/config';

/** Not UTC on purpose: whatever forgets to say UTC shows here. */
const env = { TZ: 'Pacific/Auckland' };

/**
 * Tests that have not had their first run on real servers: npx vitest run --config vitest.first.config.ts. One that has
 * been seen to pass, and to fail when what it is about is broken, becomes a *.test.ts.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'first-e2e',
          include: ['test/e2e/*.first.ts'],
          globalSetup: ['test/e2e/global-setup.ts'],
          env,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        // Airflow beside the path, as a person starts both.
        test: {
          name: 'first-airflow',
          include: ['test/airflow/*.first.ts'],
          env,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
