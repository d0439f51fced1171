import type { FunctionPool } from './function-pool.ts';

interface QueuedEvent {
  readonly requestId: string;
  readonly payload: Uint8Array;
  readonly retries: number;
}

/** Asynchronous invocations of one function: they wait for a free process, are retried, and then dropped with a line. */
export class EventQueue {
  readonly #pool: FunctionPool;
  readonly #retryDelaysMs: readonly number[];
  readonly #log: (line: string) => void;
  readonly #waiting: QueuedEvent[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(pool: FunctionPool, retryDelaysMs: readonly number[], log: (line: string) => void) {
    this.#pool = pool;
    this.#retryDelaysMs = retryDelaysMs;
    this.#log = log;
  }

  add(requestId: string, payload: Uint8Array): void {
    this.#enqueue({ requestId, payload, retries: 0 });
  }

  /** Starts what waits, as far as the pool is free; called whenever an invocation has ended. */
  drain(): void {
    while (this.#pool.free) {
      const event = this.#waiting.shift();
      if (event === undefined) return;
      void this.#run(event);
    }
  }

  /** Forgets what waits: the minute's schedule and settle do the same work again. */
  stop(): void {
    this.#waiting.length = 0;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #enqueue(event: QueuedEvent): void {
    this.#waiting.push(event);
    this.drain();
  }

  async #run(event: QueuedEvent): Promise<void> {
    const outcome = await this.#pool.run(event.requestId, event.payload);
    if (!outcome.failed) return;
    const delayMs = this.#retryDelaysMs[event.retries];
    const what = `${this.#pool.spec.name}: event ${event.requestId} failed: ${Buffer.from(outcome.payload).toString().slice(0, 500)}`;
    if (delayMs === undefined) {
      this.#log(`${what}; dropped after ${event.retries} retries`);
      return;
    }
    this.#log(`${what}; tried again in ${delayMs / 1000} s`);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#enqueue({ ...event, retries: event.retries + 1 });
    }, delayMs);
    this.#timers.add(timer);
  }
}
