/**
 * A record's version and its origin are computed, never clocked: instant in microseconds + ordinal of the record in its run.
 * Retries, replays and redrives of a record carry the same version, so they write the same cells twice and change nothing.
 * Microseconds since 1970 stay below 2^53 until the year 2255, so a plain number holds them.
 */
export function originOf(instant: Date, ordinal: number): number {
  return instant.getTime() * 1000 + ordinal;
}

/** How many records one run may hold before its origins would reach into the next instant. */
export function maxRecordsPerRun(everyMs: number): number {
  return everyMs * 1000;
}

/** How far ahead of its Kafka timestamp a version may lie before the stream calls it foreign, in microseconds. */
export const versionSlackMicros = 5 * 60 * 1_000_000;
