import { EventQueue } from './event-queue.ts';
import { FunctionPool } from './function-pool.ts';
import type { FunctionSpec, Sandbox } from './sandbox.ts';

export interface LambdaFunction {
  readonly pool: FunctionPool;
  readonly events: EventQueue;
}

export interface LambdaOptions {
  readonly functions: readonly FunctionSpec[];
  readonly logDir: string;
  /** Pauses before an asynchronous invocation is tried again; AWS waits 60 and 120 s. */
  readonly eventRetryDelaysMs: readonly number[];
  /** What every process is told besides its own environment, its address of the Runtime API among it. */
  readonly processVariables: (token: string) => Record<string, string>;
  readonly log: (line: string) => void;
}

/** All functions by name; no process starts before its first invocation. */
export class LambdaService {
  readonly #functions = new Map<string, LambdaFunction>();

  constructor(options: LambdaOptions) {
    for (const spec of options.functions) {
      const pool: FunctionPool = new FunctionPool(spec, options.logDir, options.processVariables, () => events.drain());
      const events = new EventQueue(pool, options.eventRetryDelaysMs, options.log);
      this.#functions.set(spec.name, { pool, events });
    }
  }

  get names(): string[] {
    return [...this.#functions.keys()];
  }

  find(name: string): LambdaFunction | undefined {
    return this.#functions.get(name);
  }

  sandbox(token: string): Sandbox | undefined {
    for (const { pool } of this.#functions.values()) {
      const sandbox = pool.sandbox(token);
      if (sandbox !== undefined) return sandbox;
    }
    return undefined;
  }

  async stop(): Promise<void> {
    for (const { events } of this.#functions.values()) events.stop();
    await Promise.all([...this.#functions.values()].map(({ pool }) => pool.stop()));
  }
}
