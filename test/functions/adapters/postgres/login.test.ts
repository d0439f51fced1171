import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import type { Secrets } from '../../../../functions/adapters/aws/secrets.ts';
import { databaseLogin } from '../../../../functions/adapters/postgres/login.ts';
import type { Environment } from '../../../../functions/env.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-login-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

/** Secrets whose every reading is another one's answer. */
function secretsOf(...texts: object[]) {
  const asked: string[] = [];
  const forgotten: string[] = [];
  const secrets: Secrets = {
    read: async (name, shape) => {
      asked.push(name);
      return shape.parse(texts[Math.min(forgotten.length, texts.length - 1)]);
    },
    forget: (name) => void forgotten.push(name),
  };
  return { secrets, asked, forgotten };
}

const environment = (given: Partial<Environment>) =>
  ({ DATABASE_PORT: 5432, DATABASE_NAME: 'millrace', LAMBDA_TASK_ROOT: folder, ...given }) as Environment;
const onRds = { DATABASE_HOST: 'db.example', AWS_REGION: 'eu-west-1' };

describe('A login at PostgreSQL', () => {
  it('is what a secret says, where there is no host beside it', async () => {
    const secret = { host: 'h', port: 5433, database: 'd', user: 'u', password: 'p' };
    const { secrets, asked } = secretsOf(secret);
    expect(await databaseLogin(environment({ DATABASE_SECRET: 'all' }), secrets).read()).toEqual(secret);
    expect(asked).toEqual(['all']);
  });

  it('is that of RDS’s own secret, asked for again when it was rotated', async () => {
    writeFileSync(join(folder, 'rds-ca.pem'), 'the authorities');
    const { secrets, forgotten } = secretsOf({ username: 'o', password: 'old' }, { username: 'o', password: 'new' });
    const login = databaseLogin(environment({ ...onRds, DATABASE_SECRET: 'arn' }), secrets);
    const at = { host: 'db.example', port: 5432, database: 'millrace', user: 'o', ca: 'the authorities' };
    expect(await login.read()).toEqual({ ...at, password: 'old' });
    login.forget();
    expect(forgotten).toEqual(['arn']);
    expect(await login.read()).toEqual({ ...at, password: 'new' });
  });

  it('is a token of IAM, of the keys that the process has at that moment', async () => {
    writeFileSync(join(folder, 'rds-ca.pem'), 'the authorities');
    const login = databaseLogin(environment({ ...onRds, DATABASE_USER: 'millrace_relay' }), secretsOf().secrets);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAFIRST');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    const first = await login.read();
    expect(first).toMatchObject({ user: 'millrace_relay', ca: 'the authorities' });
    expect(first.password).toMatch(/^db\.example:5432\/\?Action=connect&DBUser=millrace_relay&.*AKIAFIRST%2F/);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIASECOND');
    expect((await login.read()).password).toContain('AKIASECOND%2F');
  });

  it.each<[string, Partial<Environment>, string]>([
    ['a secret', {}, 'DATABASE_SECRET'],
    ['a user', onRds, 'DATABASE_USER'],
    ['a region', { DATABASE_HOST: 'db.example', DATABASE_USER: 'u' }, 'AWS_REGION'],
    ['keys', { ...onRds, DATABASE_USER: 'u' }, 'AWS_ACCESS_KEY_ID'],
  ])('without %s says what is missing', async (_what, given, name) => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', '');
    const login = async () => databaseLogin(environment(given), secretsOf().secrets).read();
    await expect(login()).rejects.toMatchObject({ code: 'bad_request', message: expect.stringContaining(name) });
  });
});
