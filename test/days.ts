const dayMs = 24 * 60 * 60_000;
/** The tables keep a record for 365 days, and a test of one takes a while. */
const oldestMs = 364 * dayMs;
const almostYearMs = 363 * dayMs;

/**
 * A day of the tests, which is written as one of 2026: that day, or the one of almost a year later once the tables would
 * keep its records no longer. Days that differ as written differ for ever, as long as they lie within eleven months.
 */
export function recentDay(written: string): string {
  let ms = Date.parse(written);
  while (Date.now() - ms > oldestMs) ms += almostYearMs;
  return dayAt(ms);
}

export const dayAfter = (day: string): string => dayAt(Date.parse(day) + dayMs);

const dayAt = (ms: number) => new Date(ms).toISOString().slice(0, 10);
