import { defineConfig } from 'vitest/config';

/** The tests that start no server: of these each mutant runs those that reach it. */
export default defineConfig({
  test: {
    include: [
      'test/{streaming,properties}/*.test.ts',
      'test/functions/{audit,extract,relay,settle,supervise}/*.test.ts',
      'test/local/{options,ports,source-choice,timer}.test.ts',
      'test/local/once/verdict.test.ts',
      'test/local/supervisor/decide.test.ts',
    ],
    // A mutant is switched on while the modules stay loaded; loading them anew takes most of the time.
    isolate: false,
    env: { TZ: 'Pacific/Auckland' },
    testTimeout: 30_000,
  },
});
