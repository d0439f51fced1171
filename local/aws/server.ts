import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type HttpBindings, serve } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { keyPair } from '../credentials.ts';
import type { Listen } from '../services/setting.ts';
import { AwsError, answerError } from './aws-error.ts';
import { credentialVariables, endpointVariables } from './client-environment.ts';
import { emrServerlessApi } from './emr-serverless/api.ts';
import { Application } from './emr-serverless/application.ts';
import type { SparkSettings } from './emr-serverless/spark-submit.ts';
import { type Caller, onlyLocalPrograms, onlySigned } from './gate.ts';
import { invokeApi, maxRequestBytes, tooLarge } from './lambda/invoke-api.ts';
import { runtimeApi } from './lambda/runtime-api.ts';
import type { FunctionSpec } from './lambda/sandbox.ts';
import { LambdaService } from './lambda/service.ts';
import { secretsManagerApi } from './secrets-manager.ts';
import type { AwsCredentials } from './signature.ts';

/** A function, and what its own key pair may call: that key is made at the start and known to nobody else. */
export interface GuardedFunction extends FunctionSpec {
  readonly mayCall?: readonly string[];
}

export interface AwsOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly listen?: Listen;
  /** Of whoever may call everything. */
  readonly credentials: AwsCredentials;
  readonly functions: readonly GuardedFunction[];
  /** Others who call, such as Airflow. */
  readonly callers?: readonly Caller[];
  readonly secrets: ReadonlyMap<string, string>;
  readonly application: string;
  readonly spark: SparkSettings;
  /** Folder of the functions' log files; it exists. */
  readonly logDir: string;
  readonly eventRetryDelaysMs?: readonly number[];
  /** How long `stop` lets a Spark job end by itself. */
  readonly stopGraceSeconds?: number;
  readonly log: (line: string) => void;
}

export interface LocalAws {
  readonly url: string;
  /** Ends the job runs, the functions' processes and the server, and waits until they are gone. */
  stop(): Promise<void>;
}

/**
 * The AWS endpoints that our code calls, on one loopback port: Lambda, Secrets Manager and EMR Serverless. They do not
 * collide, because their paths differ.
 */
export async function startAws(options: AwsOptions): Promise<LocalAws> {
  let address = '';
  const functions = options.functions.map(withKey);
  const lambda = new LambdaService({
    functions: functions.map(({ spec }) => spec),
    logDir: options.logDir,
    eventRetryDelaysMs: options.eventRetryDelaysMs ?? [1000, 2000],
    processVariables: (token) => ({
      ...endpointVariables(`http://${address}`),
      AWS_LAMBDA_RUNTIME_API: `${address}/runtime/${token}`,
    }),
    log: options.log,
  });
  const application = new Application(options.application, options.spark, options.log);
  const { fetch } = routes(
    options,
    [options.credentials, ...(options.callers ?? []), ...functions.map(({ caller }) => caller)],
    lambda,
    application,
  );
  const server = serve({ fetch, hostname: options.listen ?? '127.0.0.1', port: options.port }) as Server;
  await once(server, 'listening');
  // Longer than an SDK client keeps an idle connection, so that none is closed under a request.
  server.keepAliveTimeout = 65_000;
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${address}`,
    stop: async () => {
      await Promise.all([application.stop(options.stopGraceSeconds ?? 20), lambda.stop()]);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Without a list a function may call nothing. */
function withKey({ mayCall = [], ...spec }: GuardedFunction): { spec: FunctionSpec; caller: Caller } {
  const key = keyPair();
  return {
    spec: { ...spec, environment: { ...spec.environment, ...credentialVariables(key) } },
    caller: { ...key, mayCall },
  };
}

function routes(
  options: AwsOptions,
  callers: readonly Caller[],
  lambda: LambdaService,
  application: Application,
): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.onError((error, context) => {
    if (!(error instanceof AwsError)) options.log(`${context.req.method} ${context.req.path}: ${error.stack}`);
    return answerError(context, error);
  });
  app.use(onlyLocalPrograms);
  app.route('/', runtimeApi(lambda));
  app.use(
    bodyLimit({
      maxSize: maxRequestBytes,
      onError: async (context) => {
        // Read to the end first: a client that is answered in the middle of its upload sees a broken pipe.
        await context.req.raw.body?.pipeTo(new WritableStream());
        throw tooLarge(context.req.header('content-length') ?? 'more', maxRequestBytes, 'a request');
      },
    }),
    onlySigned(callers),
  );
  app.route('/', invokeApi(lambda));
  app.route('/', emrServerlessApi(application));
  app.route('/', secretsManagerApi(options.secrets));
  app.notFound((context) => {
    const what = `${context.req.method} ${context.req.path}`;
    return answerError(context, new AwsError('UnknownOperationException', 404, `not spoken here: ${what}`));
  });
  return app;
}
