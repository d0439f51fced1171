import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FunctionSpec } from '../../../local/aws/lambda/sandbox.ts';
import { type AwsOptions, type LocalAws, startAws } from '../../../local/aws/server.ts';

export const credentials = { accessKeyId: 'AKIALOCALTEST', secretAccessKey: 'a secret of this test' };

const handlers = fileURLToPath(new URL('./handlers', import.meta.url));

/** A function whose handler lies in `handlers/`, with limits that a test can wait for. */
export function fixtureFunction(name: string, spec: Partial<FunctionSpec> & { folder?: string } = {}): FunctionSpec {
  const { folder = '.', ...rest } = spec;
  return {
    name,
    bundle: join(handlers, folder),
    timeoutSeconds: 20,
    memoryMb: 128,
    concurrency: 1,
    environment: { PATH: process.env['PATH'] ?? '', HOME: '/nowhere' },
    ...rest,
  };
}

export interface RunningAws extends LocalAws {
  readonly folder: string;
  readonly lines: readonly string[];
  /** Configuration of an SDK client; the endpoint is found through AWS_ENDPOINT_URL_*, as our code finds it. */
  readonly client: { readonly region: string; readonly credentials: typeof credentials };
}

/** Starts the endpoints on a free port and points the SDK's environment variables at them until `stop`. */
export async function startTestAws(options: Partial<AwsOptions> = {}): Promise<RunningAws> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-aws-'));
  const lines: string[] = [];
  const aws = await startAws({
    port: 0,
    credentials,
    functions: [],
    secrets: new Map(),
    application: 'local',
    spark: sparkSettings(folder),
    logDir: folder,
    eventRetryDelaysMs: [50, 100],
    log: (line) => lines.push(line),
    ...options,
  });
  const variables = ['LAMBDA', 'SECRETS_MANAGER', 'EMR_SERVERLESS'].map((service) => `AWS_ENDPOINT_URL_${service}`);
  for (const name of variables) process.env[name] = aws.url;
  return {
    ...aws,
    folder,
    lines,
    client: { region: 'us-east-1', credentials },
    stop: async () => {
      for (const name of variables) delete process.env[name];
      await aws.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Settings whose `bin/spark-submit` is the stand-in script beside this file. */
function sparkSettings(logDir: string): AwsOptions['spark'] {
  return {
    sparkHome: fileURLToPath(new URL('./stand-in-spark', import.meta.url)),
    python: '/nowhere/python3',
    jars: ['/jars/a.jar', '/jars/b.jar'],
    properties: { 'spark.millrace.kafka.sasl.jaas.config': 'password="s3cr\\et"' },
    master: 'local[2]',
    driverMemory: '1g',
    batch: { master: 'local[1]', driverMemory: '768m' },
    env: { PATH: process.env['PATH'] ?? '', STAND_IN_OUTPUT: logDir },
    logDir,
  };
}
