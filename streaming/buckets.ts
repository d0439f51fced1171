import type { Bucket, BucketUnit } from './fields.ts';

const isoLength = { month: 'yyyy-MM'.length, day: 'yyyy-MM-dd'.length } as const;
const sparkPattern = { month: 'yyyy-MM', day: 'yyyy-MM-dd' } as const;

/** The bucket's Spark SQL. Spark's session runs in UTC, so this equals `bucketValue`; a test runs both over real records. */
export function bucketSql(bucket: Bucket): string {
  return `date_format(${bucket.of}, '${sparkPattern[bucket.bucket]}')`;
}

/** The bucket that holds an instant, given in milliseconds since 1970. */
export function bucketValue(unit: BucketUnit, ms: number): string {
  return new Date(ms).toISOString().slice(0, isoLength[unit]);
}

/** Buckets from the one that holds `newest` back to the one that holds `oldest`, both in milliseconds. */
export function* bucketsBackFrom(unit: BucketUnit, newest: number, oldest: number): Generator<string> {
  const day = new Date(newest);
  const last = bucketValue(unit, oldest);
  for (;;) {
    const value = bucketValue(unit, day.getTime());
    if (value < last) return;
    yield value;
    if (unit === 'month') day.setUTCMonth(day.getUTCMonth() - 1, 1);
    else day.setUTCDate(day.getUTCDate() - 1);
  }
}
