import { hash } from 'node:crypto';
import type { PageAsk } from './definition.ts';

/** What is made fresh in every run; both are dot paths into a record. */
export interface Fresh {
  /** For sources that give other records in every run; without it every run holds the same ones, as a station list does. */
  readonly key?: string;
  /** The newest one becomes the run's instant, and the others keep their distance from it. */
  readonly time?: string;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * A sample source from one recorded answer: every run gets it as if the source had just answered, and gets the same
 * again whenever it is asked. With a fresh key there are as many records as are asked for, without one as many as were recorded.
 */
export function replayOf(recorded: readonly object[], { key, time }: Fresh): (ask: PageAsk) => unknown[] {
  const newest = time === undefined ? 0 : Math.max(...recorded.map((record) => msOf(valueAt(record, time))));
  return ({ seed, page, size, until }) => {
    const shift = Date.parse(until) - 1000 - newest;
    return Array.from({ length: key === undefined ? Math.min(size, recorded.length) : size }, (_, index) => {
      const original = recorded[index % recorded.length] as Json;
      const timed = time === undefined ? original : changed(original, time, (value) => later(value, shift));
      return key === undefined ? timed : changed(timed, key, (value) => freshKey(value, `${seed}/${page}/${index}`));
    });
  };
}

function valueAt(record: unknown, path: string): unknown {
  return path.split('.').reduce((value, step) => (value as Json | undefined)?.[step], record);
}

/** The record with another value at a path; everything else is shared with the original. */
function changed(record: Json, path: string, change: (value: unknown) => unknown): Json {
  const [step = '', ...rest] = path.split('.');
  const value = record[step];
  return { ...record, [step]: rest.length === 0 ? change(value) : changed(value as Json, rest.join('.'), change) };
}

/** Seconds stay below this until the year 5138, milliseconds have been above it since 1973. */
const firstMs = 100_000_000_000;

function msOf(value: unknown): number {
  if (typeof value === 'string') return Date.parse(value);
  return Number(value) < firstMs ? Number(value) * 1000 : Number(value);
}

/** In the form in which the source says it. */
function later(value: unknown, ms: number): unknown {
  // Never before 1970, where a record's version would be none.
  const moved = Math.max(0, msOf(value) + ms);
  if (typeof value === 'string') return new Date(moved).toISOString();
  return Number(value) < firstMs ? Math.floor(moved / 1000) : moved;
}

function freshKey(value: unknown, words: string): unknown {
  const hex = hash('md5', words);
  if (typeof value === 'number') return Number.parseInt(hex.slice(0, 7), 16);
  if (!uuidPattern.test(String(value))) return `${String(value).slice(0, 64)}-${hex.slice(0, 12)}`;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

const uuidPattern = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
