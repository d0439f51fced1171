import { afterEach, describe, expect, it, vi } from 'vitest';
import { registryFor } from '../../../../functions/adapters/registry/registry.ts';
import type { Environment } from '../../../../functions/env.ts';

afterEach(() => vi.unstubAllEnvs());

describe('The registry that the environment names', () => {
  it.each<[what: string, env: Partial<Environment>, asked: RegExp]>([
    ['Confluent’s', { REGISTRY_URL: 'http://127.0.0.1:1/api' }, /^registry http:\/\/127\.0\.0\.1:1\/api/],
    ['Glue’s', { GLUE_REGISTRY: 'of-a-test' }, /^Glue registry of-a-test/],
    ['Glue’s before another', { GLUE_REGISTRY: 'g', REGISTRY_URL: 'http://127.0.0.1:1/api' }, /^Glue registry g/],
  ])('is %s', async (_what, env, asked) => {
    vi.stubEnv('AWS_ENDPOINT_URL_GLUE', 'http://127.0.0.1:1');
    vi.stubEnv('AWS_REGION', 'us-east-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
    await expect(registryFor(env as Environment).versions('a-value')).rejects.toThrow(asked);
  });

  it('is missed by name', () => {
    expect(() => registryFor({} as Environment)).toThrow(/expected REGISTRY_URL, got nothing/);
  });
});
