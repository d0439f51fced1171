// What runs in every function's process: fetches invocations from the Runtime API, calls the bundle's handler, posts its answer.
import http from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';

// biome-ignore lint/style/noProcessEnv: Lambda tells its runtime by environment variables; this is that runtime.
const environment = process.env;
const api = `http://${environment.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;
let requestId = null;

// The runner holds the other end: when it is gone, by whatever cause, so are we.
process.stdin.on('close', () => process.exit(0)).resume();

// Also ends an invocation that is under way: init/error tells that this process will not take another.
process.on('uncaughtException', async (error) => {
  const missing = requestId === null && error?.code === 'MODULE_NOT_FOUND';
  await post('init/error', shape(error, missing ? 'Runtime.ImportModuleError' : undefined));
  process.exit(129);
});

const handler = loadHandler();
while (true) await serveOne();

function loadHandler() {
  const [file, name] = environment._HANDLER.split('.');
  const path = join(environment.LAMBDA_TASK_ROOT, `${file}.cjs`);
  const loaded = createRequire(path)(path)[name];
  if (typeof loaded === 'function') return loaded;
  throw Object.assign(new Error(`${environment._HANDLER} is undefined or not exported`), {
    name: 'Runtime.HandlerNotFound',
  });
}

async function serveOne() {
  const { headers, body } = await call('GET', 'invocation/next');
  requestId = headers['lambda-runtime-aws-request-id'];
  environment._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'];
  try {
    const result = await handler(JSON.parse(body), contextOf(headers));
    await printed();
    await post(`invocation/${requestId}/response`, result ?? null);
  } catch (error) {
    await printed();
    await post(`invocation/${requestId}/error`, shape(error));
  }
  requestId = null;
}

/** What the handler printed leaves before its answer does, so that the tail of the log is this invocation's. */
function printed() {
  const streams = [process.stdout, process.stderr];
  return Promise.all(streams.map((stream) => new Promise((resolve) => stream.write('', resolve))));
}

function contextOf(headers) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  return {
    awsRequestId: requestId,
    functionName: environment.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: environment.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    memoryLimitInMB: environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: environment.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: environment.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

function shape(error, errorType = error?.name ?? typeof error) {
  if (!(error instanceof Error)) return { errorType, errorMessage: String(error), trace: [] };
  return { errorType, errorMessage: error.message, trace: error.stack?.split('\n') ?? [] };
}

async function post(path, value) {
  await call('POST', path, JSON.stringify(value));
}

// Not fetch: its limit of 300 s would end the wait for the next invocation.
function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(`${api}/${path}`, { method, agent: false }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() }));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}
