import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { bundle } from '../../../bundle.ts';
import { type StepName, steps } from '../../../functions/steps.ts';
import { runtimeApi } from '../../../local/aws/lambda/runtime-api.ts';
import { LambdaService } from '../../../local/aws/lambda/service.ts';
import { localhostCertificate } from './certificate.ts';
import { startKafka } from './fake-kafka.ts';
import { startKeyspaces } from './fake-keyspaces.ts';
import { startRds } from './fake-postgres.ts';
import { listening } from './listening.ts';
import { startRecordedAws } from './recorded-aws.ts';

export const region = 'nowhere-1';
export const credentials = {
  accessKeyId: 'ASIAROLE',
  secretAccessKey: 'a secret/of+a role',
  sessionToken: 'a token/of+a role==',
};

/** The bundles as they are deployed, with an environment as on AWS whose every address is one of this machine. */
export async function startCloud() {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-cloud-'));
  const certificate = localhostCertificate();
  const ca = join(folder, 'ca.pem');
  await writeFile(ca, certificate.cert);
  const bundles = join(folder, 'dist');
  await bundle({ outDir: bundles });
  const [aws, rds, kafka, keyspaces] = await Promise.all([
    startRecordedAws(credentials),
    startRds(certificate),
    startKafka(certificate),
    startKeyspaces(certificate),
  ]);
  const environment = environmentOf(aws.url, { rds: rds.port, kafka: kafka.port, keyspaces: keyspaces.port });
  return {
    ...{ folder, bundles, certificate, aws, rds, kafka, keyspaces },
    environmentOf: (step: StepName) => ({ ...environment(step), NODE_EXTRA_CA_CERTS: ca }),
    /** Trusts the stand-in of RDS, whose authority is a file beside the bundle. */
    trustRds: (step: StepName) => writeFile(join(bundles, 'functions', step, 'rds-ca.pem'), certificate.cert),
    stop: async () => {
      await Promise.all([aws.stop(), rds.stop(), kafka.stop(), keyspaces.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type Cloud = Awaited<ReturnType<typeof startCloud>>;

const endpoints = ['SECRETS_MANAGER', 'GLUE', 'EMR_SERVERLESS', 'S3', 'LAMBDA'];

const environmentOf = (url: string, port: { rds: number; kafka: number; keyspaces: number }) => (step: StepName) => ({
  STAGE: 'dev',
  AWS_REGION: region,
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_SESSION_TOKEN: credentials.sessionToken,
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  ...Object.fromEntries(endpoints.map((service) => [`AWS_ENDPOINT_URL_${service}`, url])),
  DATABASE_HOST: 'localhost',
  DATABASE_PORT: String(port.rds),
  DATABASE_NAME: 'millrace',
  ...(step === 'prepare'
    ? { DATABASE_SECRET: 'arn:aws:secretsmanager:secret' }
    : { DATABASE_USER: `millrace_${step}` }),
  TOPIC_BROKERS: `localhost:${port.kafka}`,
  TABLE_HOST: `localhost:${port.keyspaces}`,
  GLUE_REGISTRY: 'millrace',
  ARTIFACTS: 's3://a-bucket/artifacts',
  CHECKPOINTS: 's3://a-bucket/checkpoints',
  SOURCE: 'sample',
  JOB_APPLICATION: '00application',
  JOB_ROLE_ARN: 'arn:aws:iam::123456789012:role/millrace-stream',
  JOB_ENTRY_POINT: 's3://a-bucket/job/0123/main.py',
  JOB_VERSION: 'v1',
  JOB_SPARK_PARAMETERS: '--conf spark.executor.cores=1',
});

/** One function, started with an environment of its own, called once and ended. */
export async function call(cloud: Cloud, step: StepName, event: unknown, changes: Record<string, string> = {}) {
  const { timeoutSeconds, memoryMb, concurrency } = steps.find(({ name }) => name === step) ?? steps[0];
  const { server, url } = await startRuntime();
  const environment = { ...cloud.environmentOf(step), ...changes };
  const bundle = join(cloud.bundles, 'functions', step);
  const logFile = join(cloud.folder, `${step}.log`);
  await rm(logFile, { force: true });
  const service = new LambdaService({
    functions: [{ name: step, bundle, timeoutSeconds, memoryMb, concurrency, environment }],
    logDir: cloud.folder,
    eventRetryDelaysMs: [],
    processVariables: (token) => ({ AWS_LAMBDA_RUNTIME_API: `${url}/runtime/${token}` }),
    log: () => undefined,
  });
  server.serve(service);
  try {
    const outcome = await service.find(step)?.pool.run('a-request', Buffer.from(JSON.stringify(event)));
    const answer = JSON.parse(Buffer.from(outcome?.payload ?? []).toString());
    await service.stop();
    // Whole only now: what a process printed is read to its end when it has ended.
    return { failed: outcome?.failed, answer, log: await readFile(logFile, 'utf8') };
  } finally {
    await service.stop();
    await server.stop();
  }
}

/** What supervise asks of EMR Serverless when a generation is on file and not yet started. */
export async function requestedJobRun(cloud: Cloud, changes: Record<string, string> = {}, mode = 'streaming') {
  await cloud.trustRds('supervise');
  const startingOffsets = { 'random-users': { 0: 12 } };
  const pipeline = { name: 'random-users', desired: 'stopped', dataLoss: null, prefixes: {} };
  cloud.rds.answer('pg_try_advisory_xact_lock', { free: true });
  cloud.rds.answer('as "unpublishedAge"', { ...pipeline, published: 5, unpublishedAge: 7 });
  cloud.rds.answer("where state <> 'ended'", { generation: 3, version: 'v1', mode, startingOffsets, jobRun: null });
  cloud.aws.answer('GET /a-bucket', { body: '<ListBucketResult/>', type: 'application/xml' });
  const called = await call(cloud, 'supervise', {}, { JOB_MODE: mode, ...changes });
  const request = cloud.aws.requests.find(({ service }) => service === 'emr-serverless');
  return { ...called, request, body: request === undefined ? undefined : JSON.parse(request.body) };
}

/** The service and its Runtime API know each other: the address first, then who answers there. */
async function startRuntime() {
  const unknown = () => new Response(null, { status: 503 });
  let answer: (request: Request) => Response | Promise<Response> = unknown;
  const started = await listening(createServer(getRequestListener((request) => answer(request))));
  const serve = (service: LambdaService) => {
    const api = runtimeApi(service);
    answer = (request) => api.fetch(request);
  };
  return { url: `127.0.0.1:${started.port}`, server: { serve, stop: started.stop } };
}
