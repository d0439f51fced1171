import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Not UTC on purpose: whatever forgets to say UTC shows here.
    env: { TZ: 'Pacific/Auckland' },
    testTimeout: 20_000,
    hookTimeout: 120_000,
  },
});
