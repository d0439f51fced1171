// One handler for every behaviour the tests ask of the local Lambda: the event says which.
const fs = require('node:fs');
let calls = 0;

class PipelineError extends Error {
  name = 'PipelineError';
}

const behaviours = {
  echo: (event, context) => ({
    calls: ++calls,
    pid: process.pid,
    event,
    requestId: context.awsRequestId,
    functionName: context.functionName,
    remaining: context.getRemainingTimeInMillis(),
    traceId: process.env._X_AMZN_TRACE_ID,
  }),
  environment: () => ({ ...process.env }),
  throw: () => {
    throw new PipelineError('no such country');
  },
  throwText: () => {
    throw 'just text';
  },
  exit: () => process.exit(3),
  uncaught: () => {
    setTimeout(() => {
      throw new RangeError('thrown after a turn');
    }, 5);
    return new Promise(() => undefined);
  },
  sleep: ({ ms }) => new Promise((resolve) => setTimeout(() => resolve({ slept: ms, pid: process.pid }), ms)),
  large: ({ bytes }) => 'x'.repeat(bytes),
  print: ({ lines }) => {
    for (let line = 1; line <= lines; line += 1) console.log(`line ${line}`);
  },
  memory: () => require('node:v8').getHeapStatistics().heap_size_limit,
  // Leaves a mark per attempt and fails until `succeedAt` marks are there.
  mark: ({ file, succeedAt }) => {
    fs.appendFileSync(file, `${Date.now()}\n`);
    if (fs.readFileSync(file, 'utf8').trim().split('\n').length < succeedAt) throw new Error('not yet');
  },
  // Leaves a mark and waits until so many are there.
  meet: async ({ file, count }) => {
    fs.appendFileSync(file, `${process.pid}\n`);
    while (fs.readFileSync(file, 'utf8').trim().split('\n').length < count) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return { pid: process.pid };
  },
};

exports.handler = async (event, context) => behaviours[event.do ?? 'echo'](event, context);
