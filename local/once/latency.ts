import { setTimeout as sleep } from 'node:timers/promises';

/** Something that landed and will, some time later, be seen in a table. */
export interface Sample {
  readonly landedAtMs: number;
  isVisible(): Promise<boolean>;
}

const tickMs = 10;
/** Reads of one tick; more would load the very server whose latency is measured. */
const readsPerTick = 5;

/**
 * Polls the samples in the tables every 10 ms, in turns when there are many, and notes how long each took from its
 * landing commit until it could be read.
 */
export class LatencyProbe {
  readonly latencies: number[] = [];
  #waiting: Sample[] = [];
  #stopped = false;
  readonly #polling: Promise<void>;

  constructor() {
    this.#polling = this.#poll();
  }

  watch(samples: readonly Sample[]): void {
    this.#waiting.push(...samples);
  }

  /** Stops polling, once the path has covered everything, after a last look: what is unseen then died on the way. */
  async stop(): Promise<readonly number[]> {
    this.#stopped = true;
    await this.#polling;
    await Promise.all(this.#waiting.map((sample) => this.#look(sample)));
    return this.latencies;
  }

  async #poll(): Promise<void> {
    while (!this.#stopped) {
      const turn = this.#waiting.splice(0, readsPerTick);
      const unseen = await Promise.all(turn.map((sample) => this.#look(sample)));
      this.#waiting.push(...unseen.flat());
      await sleep(tickMs);
    }
  }

  /** Answers the sample itself while it has not been seen. */
  async #look(sample: Sample): Promise<Sample[]> {
    // A look that fails has seen nothing. It measures, and ends no run: what is wrong is said when the run is read back.
    if (!(await sample.isVisible().catch(() => false))) return [sample];
    this.latencies.push(Date.now() - sample.landedAtMs);
    return [];
  }
}
