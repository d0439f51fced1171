import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { isMetricLine } from '../../functions/metrics.ts';

const lineEnd = 0x0a;
const chunkBytes = 64 * 1024;
/** A metric is known by how its line begins. */
const beginningBytes = 100;

/** A log read from its last lines on, as it grows: also when it is renamed and another begins under its name. */
export class GrowingLog {
  readonly #file: string;
  #log: number;
  #position: number;

  constructor(file: string, lines: number) {
    this.#file = file;
    this.#log = openSync(file, 'r');
    this.#position = startOfLast(this.#log, lines);
  }

  /** Gives what was written since the last look. */
  read(write: (bytes: Buffer) => void): void {
    // Looked at first: what the old log got until it was renamed is then read before the new one.
    const isReplaced = this.#isReplaced();
    this.#drain(write);
    if (!isReplaced) return;
    closeSync(this.#log);
    this.#log = openSync(this.#file, 'r');
    this.#position = 0;
    this.#drain(write);
  }

  close(): void {
    closeSync(this.#log);
  }

  /** Between the renaming and the first line of the new log there is none of that name. */
  #isReplaced(): boolean {
    const now = statSync(this.#file, { throwIfNoEntry: false });
    const mine = fstatSync(this.#log);
    return now !== undefined && (now.ino !== mine.ino || now.dev !== mine.dev);
  }

  #drain(write: (bytes: Buffer) => void): void {
    // A log that was emptied begins anew.
    if (fstatSync(this.#log).size < this.#position) this.#position = 0;
    for (;;) {
      const chunk = Buffer.alloc(chunkBytes);
      const bytes = readSync(this.#log, chunk, 0, chunkBytes, this.#position);
      if (bytes === 0) return;
      this.#position += bytes;
      write(chunk.subarray(0, bytes));
    }
  }
}

/** Where the last lines begin, found from the end: a log may be far larger than what is shown of it. */
function startOfLast(log: number, lines: number): number {
  const chunk = Buffer.alloc(chunkBytes);
  let left = lines;
  // The line end that closes the log begins no line.
  for (let end = fstatSync(log).size - 1; end > 0; ) {
    const from = Math.max(0, end - chunkBytes);
    const bytes = chunk.subarray(0, readSync(log, chunk, 0, end - from, from));
    for (const at of lineEndsBackwards(bytes)) {
      if (!isMetricAt(log, from + at + 1)) left -= 1;
      if (left === 0) return from + at + 1;
    }
    end = from;
  }
  return 0;
}

function* lineEndsBackwards(bytes: Buffer): Generator<number> {
  for (let at = bytes.lastIndexOf(lineEnd); at >= 0; at = at === 0 ? -1 : bytes.lastIndexOf(lineEnd, at - 1)) yield at;
}

function isMetricAt(log: number, position: number): boolean {
  const beginning = Buffer.alloc(beginningBytes);
  const bytes = readSync(log, beginning, 0, beginningBytes, position);
  return isMetricLine(beginning.toString('latin1', 0, bytes));
}

/** Passes whole lines on, metrics left out; `end` gives the last line, which may have no end yet. */
export function withoutMetrics(write: (bytes: Buffer) => void) {
  let rest = Buffer.alloc(0);
  const pass = (line: Buffer) => {
    if (!isMetricLine(line.toString('latin1', 0, beginningBytes))) write(line);
  };
  return {
    write(bytes: Buffer): void {
      let text = Buffer.concat([rest, bytes]);
      for (let at = text.indexOf(lineEnd); at >= 0; at = text.indexOf(lineEnd)) {
        pass(text.subarray(0, at + 1));
        text = text.subarray(at + 1);
      }
      rest = text;
    },
    end: () => pass(rest),
  };
}
