import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bundle, bundle } from '../bundle.ts';
import { roles } from '../functions/roles.ts';
import { steps } from '../functions/steps.ts';

const root = join(import.meta.dirname, '..');
const megabyte = 1024 * 1024;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-bundle-'));
});

afterAll(() => rm(folder, { recursive: true }));

describe('the bundles of the steps', () => {
  let bundles: Bundle[];
  const named = (name: string) => bundles.find((one) => one.name === name);

  beforeAll(async () => {
    bundles = await bundle({ outDir: join(folder, 'dist') });
  });

  it.each(steps.map(({ name }) => name))('hold %s, which loads and exports its handler', (step) => {
    const script = `process.stdout.write(typeof require(${JSON.stringify(named(step)?.file)}).handler)`;
    const output = execFileSync(process.execPath, ['-e', script], {
      cwd: folder,
      env: {},
      encoding: 'utf8',
      stdio: 'pipe',
    });
    expect(output).toBe('function');
  });

  /** In bytes, of which a megabyte for whoever is called by the minute. What speaks to many services is larger. */
  const limits: Readonly<Record<string, number>> = {
    ...{ prepare: 1.7 * megabyte, supervise: 1.1 * megabyte, rebuild: 1.6 * megabyte },
  };
  it.each(steps.map(({ name }) => [name, limits[name] ?? megabyte] as const))(
    'keep %s within %d bytes',
    (step, limit) => expect(named(step)?.bytes).toBeLessThanOrEqual(limit),
  );

  it.each(steps.map(({ name }) => name))(
    'bring with %s no client of a service on which it has no right',
    async (step) => {
      const { sources } = JSON.parse(await readFile(`${named(step)?.file}.map`, 'utf8'));
      const brings = (name: string) => (sources as string[]).some((source) => source.includes(`node_modules/${name}/`));
      const { wakes, jobs, bucket, registry, cassandra, kafka } = roles[step];
      // The event source polls for audit.
      const asksTopic = kafka !== undefined && step !== 'audit';
      const allowed = {
        '@aws-sdk/client-secrets-manager': true,
        '@aws-sdk/client-lambda': wakes !== undefined,
        '@aws-sdk/client-emr-serverless': jobs !== undefined,
        '@aws-sdk/client-s3': bucket !== undefined,
        '@aws-sdk/client-glue': registry !== undefined,
        'cassandra-driver': cassandra !== undefined,
        kafkajs: asksTopic,
      };
      expect(Object.fromEntries(Object.keys(allowed).map((name) => [name, brings(name)]))).toEqual(allowed);
    },
  );

  it('bring the authorities of RDS beside every step, and no private key', async () => {
    for (const { name } of steps) {
      const authorities = await readFile(join(folder, 'dist/functions', name, 'rds-ca.pem'), 'utf8');
      expect(authorities.match(/^-----BEGIN .*$/gm)?.every((line) => line === '-----BEGIN CERTIFICATE-----')).toBe(
        true,
      );
      const blocks = authorities.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
      const subjects = blocks.map((block) => new X509Certificate(block).subject);
      expect(subjects.filter((subject) => subject.includes('RDS us-east-1 Root CA'))).toHaveLength(3);
      expect(subjects.filter((subject) => !subject.includes('RDS'))).toEqual([]);
    }
  });

  it('name no folder of this machine', async () => {
    for (const { file } of bundles) expect(await readFile(file, 'utf8')).not.toContain(root);
  });

  it('are the same bytes when they are built again, elsewhere', async () => {
    const again = await bundle({ outDir: join(folder, 'deeper', 'elsewhere') });
    const sums = (list: Bundle[]) => list.map(({ name, sha256 }) => [name, sha256]);
    expect(sums(again)).toEqual(sums(bundles));
  });

  it('bring the migrations as they are', async () => {
    const source = join(root, 'functions/prepare/migrations');
    for (const file of await readdir(source)) {
      const copy = join(folder, 'dist/functions/prepare/migrations', file);
      expect(await readFile(copy, 'utf8')).toBe(await readFile(join(source, file), 'utf8'));
    }
  });

  it('encode messages in one pass, not with the slower function of kafkajs', async () => {
    const map = JSON.parse(await readFile(`${named('relay')?.file}.map`, 'utf8'));
    expect(map.sources).toContainEqual(expect.stringMatching(/functions\/adapters\/kafka\/record\.ts$/));
    expect(map.sources).not.toContainEqual(expect.stringMatching(/recordBatch\/header\/v0\/index\.js$/));
  });

  it('bring the sample generator of a pipeline in a file of its own', () => {
    const file = join(folder, 'dist/functions/extract/samples/random-users.cjs');
    const { samplePage } = createRequire(import.meta.url)(file);
    expect(
      samplePage({
        seed: 'bundle',
        page: 1,
        size: 3,
        from: '2026-11-24T16:59:00.000Z',
        until: '2026-11-24T17:00:00.000Z',
      }),
    ).toHaveLength(3);
  });
});

describe('a checkout', () => {
  async function checkout(name: string, handler: string): Promise<string> {
    const files = { 'functions/relay/handler.ts': handler, 'functions/prepare/migrations/001.sql': '-- Up Migration' };
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name, path)), { recursive: true });
      await writeFile(join(folder, name, path), text);
    }
    await mkdir(join(folder, name, 'streaming/pipelines'), { recursive: true });
    return join(folder, name);
  }
  const build = async (name: string, handler: string) =>
    bundle({ root: await checkout(name, handler), outDir: join(folder, name, 'dist'), steps: ['relay'] });

  it('in another folder makes the same bytes', async () => {
    const handler = 'export const handler = async () => __filename;';
    const [here, there] = [await build('here', handler), await build('there', handler)];
    expect(here[0]?.sha256).toBe(there[0]?.sha256);
  });

  it('with another handler makes other bytes', async () => {
    const [one, other] = [
      await build('one', 'export const handler = 1;'),
      await build('other', 'export const handler = 2;'),
    ];
    expect(one[0]?.sha256).not.toBe(other[0]?.sha256);
  });

  it('whose code asks where it lies is refused, because a bundle lies elsewhere', async () => {
    await expect(build('asks', 'export const handler = import.meta.url;')).rejects.toThrow('import.meta');
  });

  it('without a step’s handler is refused', async () => {
    const checked = await checkout('lacks', 'export const handler = 1;');
    await expect(bundle({ root: checked, outDir: join(folder, 'none'), steps: ['audit'] })).rejects.toThrow(
      'functions/audit/handler.ts',
    );
  });
});
