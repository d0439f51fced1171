import type { BenchPath } from './platform.ts';

/** One measured number. `must` and `stretch` are upper bounds, or lower ones where `more` is better. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly must?: number;
  readonly stretch?: number;
  readonly more?: boolean;
}

export interface Bench {
  readonly what: string;
  /** On a running platform, which the benches that are asked for together share. */
  run(bench: BenchPath, say: Say): Promise<readonly Figure[]>;
}

export type Say = (line: string) => void;

export function quantileMs(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN);
}

const microseconds = 1e6;

/** CPU of one part, in microseconds a record. */
export function perRecord(name: string, seconds: number, records: number, goal: Partial<Figure> = {}): Figure {
  return { name: `${name}, CPU`, value: Math.round((seconds / records) * microseconds), unit: 'us a record', ...goal };
}

export function rate(name: string, records: number, seconds: number, goal: Partial<Figure> = {}): Figure {
  return { name, value: Math.round(records / seconds), unit: 'records/s', more: true, ...goal };
}
