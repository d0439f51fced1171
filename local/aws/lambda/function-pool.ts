import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { type FunctionSpec, type Outcome, Sandbox } from './sandbox.ts';

export interface Finished extends Outcome {
  readonly logTail: Buffer;
}

/** The processes of one function: at most `concurrency` at work, idle ones kept warm for the next invocation. */
export class FunctionPool {
  readonly spec: FunctionSpec;
  readonly #sandboxes = new Map<string, Sandbox>();
  readonly #idle: Sandbox[] = [];
  readonly #variables: (token: string) => Record<string, string>;
  readonly #log: WriteStream;
  readonly #onFree: () => void;
  #busy = 0;
  #stopped = false;

  constructor(
    spec: FunctionSpec,
    logDir: string,
    variables: (token: string) => Record<string, string>,
    onFree: () => void,
  ) {
    this.spec = spec;
    this.#variables = variables;
    this.#onFree = onFree;
    this.#log = createWriteStream(join(logDir, `${spec.name}.log`), { flags: 'a', mode: 0o600 });
  }

  /** Whether another invocation may start now. */
  get free(): boolean {
    return !this.#stopped && this.#busy < this.spec.concurrency;
  }

  sandbox(token: string): Sandbox | undefined {
    return this.#sandboxes.get(token);
  }

  /** Runs one invocation; the caller has seen that the pool is free. */
  async run(requestId: string, payload: Uint8Array): Promise<Finished> {
    this.#busy += 1;
    const sandbox = this.#take();
    const startedAt = performance.now();
    this.note(`START RequestId: ${requestId}`);
    const outcome = await sandbox.run(requestId, payload);
    this.note(
      `REPORT RequestId: ${requestId} Duration: ${(performance.now() - startedAt).toFixed(2)} ms${outcome.failed ? ' Status: error' : ''}`,
    );
    this.#busy -= 1;
    if (sandbox.alive) this.#idle.push(sandbox);
    else this.#sandboxes.delete(sandbox.token);
    this.#onFree();
    return { ...outcome, logTail: sandbox.logTail };
  }

  note(line: string): void {
    this.#log.write(`${line}\n`);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#sandboxes.values()].map((sandbox) => sandbox.stop()));
    await new Promise<void>((resolve) => this.#log.end(resolve));
  }

  /** The process used last is the warmest; one that died while idle is replaced. */
  #take(): Sandbox {
    for (let sandbox = this.#idle.pop(); sandbox !== undefined; sandbox = this.#idle.pop()) {
      if (sandbox.alive) return sandbox;
      this.#sandboxes.delete(sandbox.token);
    }
    const sandbox = new Sandbox(this.spec, this.#variables, (chunk) => this.#log.write(chunk));
    this.#sandboxes.set(sandbox.token, sandbox);
    return sandbox;
  }
}
