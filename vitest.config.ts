import { defineConfig } from 'vitest/config';

/** Not UTC on purpose: whatever forgets to say UTC shows here. */
const env = { TZ: 'Pacific/Auckland' };

/** Tests on the platform that runs for them all: the path, and the contracts whose servers would be slow to start again. */
const onThePlatform = ['test/e2e/**/*.test.ts', 'test/contracts/{topic,registry,table}.test.ts'];

export default defineConfig({
  test: {
    // The platforms are stopped then, and their data is removed: ten seconds are not enough of a busy machine.
    teardownTimeout: 180_000,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...onThePlatform, 'test/faults/kill.test.ts', 'test/changes/**', 'test/airflow/**'],
          env,
          // What takes four seconds on a quiet machine takes ten times as long on a busy one.
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
      {
        // The real path: one platform for all files, one file after the other, after the unit tests.
        test: {
          name: 'e2e',
          include: onThePlatform,
          globalSetup: ['test/e2e/global-setup.ts'],
          env,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // What is killed: a platform of its own, when nothing else runs.
        test: {
          name: 'faults',
          include: ['test/faults/kill.test.ts'],
          globalSetup: ['test/faults/global-setup.ts'],
          env,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        // What changes: checkouts of their own, which are edited and started again.
        test: {
          name: 'changes',
          include: ['test/changes/*.test.ts'],
          env,
          testTimeout: 120_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
      {
        // Airflow beside the path, as a person starts both.
        test: {
          name: 'airflow',
          include: ['test/airflow/*.test.ts'],
          env,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
