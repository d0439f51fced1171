import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** A function as Lambda would be told of it. */
export interface FunctionSpec {
  readonly name: string;
  /** Folder that holds index.cjs. */
  readonly bundle: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly concurrency: number;
  /** All that the handler sees beside Lambda's own variables; nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface Outcome {
  /** Whether the payload is an error: {errorType, errorMessage, trace}. */
  readonly failed: boolean;
  readonly payload: Uint8Array;
}

export interface Delivery {
  readonly requestId: string;
  readonly payload: Uint8Array;
  readonly deadlineMs: number;
}

interface Work {
  readonly requestId: string;
  readonly payload: Uint8Array;
  readonly finish: (outcome: Outcome) => void;
  timer: NodeJS.Timeout;
  delivered: boolean;
}

const bootstrap = fileURLToPath(new URL('./bootstrap.mjs', import.meta.url));
/** What a process may take to start before its function's own time begins, as on AWS. */
const startMs = 10_000;
const logTailBytes = 4096;
const maxAnswerBytes = 6 * 1024 * 1024 + 100;

/** One process of one function: started by its first invocation, reused while it lives, one invocation at a time. */
export class Sandbox {
  readonly token = randomBytes(16).toString('hex');
  readonly #spec: FunctionSpec;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #alive = true;
  #work: Work | null = null;
  #poll: ((delivery: Delivery) => void) | null = null;
  #tail: Buffer = Buffer.alloc(0);

  constructor(spec: FunctionSpec, variables: (token: string) => Record<string, string>, log: (chunk: Buffer) => void) {
    this.#spec = spec;
    this.#child = spawn(
      process.execPath,
      ['--enable-source-maps', `--max-old-space-size=${spec.memoryMb}`, bootstrap],
      {
        cwd: spec.bundle,
        env: { ...lambdaVariables(spec), ...spec.environment, ...variables(this.token) },
        // Its stdin is a line to this process: the child ends when the line breaks.
        stdio: ['pipe', 'pipe', 'pipe'],
      },
    );
    const keep = (chunk: Buffer) => {
      log(chunk);
      this.#tail = Buffer.concat([this.#tail, chunk]).subarray(-logTailBytes);
    };
    this.#child.stdout?.on('data', keep);
    this.#child.stderr?.on('data', keep);
    this.#child.stdin?.on('error', () => this.#end('its lifeline broke'));
    this.#child.on('error', (error) => this.#end(`could not be started in ${spec.bundle}: ${error.message}`));
    this.#child.on('exit', (code, signal) => this.#end(signal ? `signal: ${signal}` : `exit status ${code}`));
    this.#exited = new Promise((resolve) => this.#child.once('close', resolve));
  }

  get arn(): string {
    return `arn:aws:lambda:us-east-1:000000000000:function:${this.#spec.name}`;
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** The last 4 KB that the current or last invocation printed. */
  get logTail(): Buffer {
    return this.#tail;
  }

  async run(requestId: string, payload: Uint8Array): Promise<Outcome> {
    this.#tail = Buffer.alloc(0);
    const outcome = await new Promise<Outcome>((finish) => {
      const timer = setTimeout(() => this.#timeOut(), startMs + this.#spec.timeoutSeconds * 1000);
      this.#work = { requestId, payload, finish, timer, delivered: false };
      this.#deliver();
    });
    // What the handler printed was written before its answer: one turn of the loop reads it.
    await turn();
    return outcome;
  }

  /** The runtime asks for its next invocation; answered when there is one. */
  next(): Promise<Delivery> {
    return new Promise((resolve) => {
      this.#poll = resolve;
      this.#deliver();
    });
  }

  /** The runtime's answer to an invocation; one that came too late is dropped. */
  answer(requestId: string, outcome: Outcome): void {
    if (this.#work?.requestId !== requestId) return;
    if (outcome.payload.byteLength > maxAnswerBytes) {
      this.#finish(
        'Function.ResponseSizeTooLarge',
        `Response payload size exceeded maximum allowed payload size (${maxAnswerBytes} bytes).`,
      );
    } else this.#settle(outcome);
  }

  /** The runtime could not load the handler or met an exception that nobody caught; the process is about to end. */
  fail(payload: Uint8Array): void {
    this.#alive = false;
    this.#settle({ failed: true, payload });
  }

  async stop(): Promise<void> {
    this.#alive = false;
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  #deliver(): void {
    const work = this.#work;
    if (work === null || work.delivered || this.#poll === null) return;
    clearTimeout(work.timer);
    const timeoutMs = this.#spec.timeoutSeconds * 1000;
    work.timer = setTimeout(() => this.#timeOut(), timeoutMs);
    work.delivered = true;
    this.#poll({ requestId: work.requestId, payload: work.payload, deadlineMs: Date.now() + timeoutMs });
    this.#poll = null;
  }

  #timeOut(): void {
    this.#alive = false;
    this.#child.kill('SIGKILL');
    this.#finish('Sandbox.Timedout', `Task timed out after ${this.#spec.timeoutSeconds.toFixed(2)} seconds`);
  }

  #end(how: string): void {
    this.#alive = false;
    this.#finish('Runtime.ExitError', `Runtime exited with error: ${how}`);
  }

  #finish(errorType: string, message: string): void {
    const errorMessage = `RequestId: ${this.#work?.requestId} Error: ${message}`;
    this.#settle({ failed: true, payload: Buffer.from(JSON.stringify({ errorType, errorMessage })) });
  }

  #settle(outcome: Outcome): void {
    clearTimeout(this.#work?.timer);
    this.#work?.finish(outcome);
    this.#work = null;
  }
}

function lambdaVariables(spec: FunctionSpec): Record<string, string> {
  return {
    TZ: 'UTC',
    LANG: 'en_US.UTF-8',
    _HANDLER: 'index.handler',
    LAMBDA_TASK_ROOT: spec.bundle,
    // A person's AWS profile must not reach a handler.
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_LAMBDA_FUNCTION_NAME: spec.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${spec.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
  };
}
