/** A reader of EventBridge's cron expressions that shares nothing with what writes them; it knows `*`, `?`, `n` and `n/step`. */
export function minutesNamedBy(expression: string): (time: Date) => boolean {
  const fields = /^cron\((.*)\)$/.exec(expression)?.[1]?.split(' ') ?? [];
  if (fields.length !== 6) throw new Error(`expected cron(minutes hours day month weekday year), got ${expression}`);
  const [minutes, hours, day, month, weekday, year] = fields.map((field, index) =>
    valuesNamedBy(field, lasts[index] ?? 0),
  );
  if ((fields[2] === '?') === (fields[4] === '?')) {
    throw new Error(`expected ? for either the day or the weekday, got ${expression}`);
  }
  return (time) =>
    [
      minutes?.(time.getUTCMinutes()),
      hours?.(time.getUTCHours()),
      day?.(time.getUTCDate()),
      month?.(time.getUTCMonth() + 1),
      weekday?.(time.getUTCDay() + 1),
      year?.(time.getUTCFullYear()),
    ].every(Boolean);
}

/** Last value of each field; EventBridge refuses a number beyond it. */
const lasts = [59, 23, 31, 12, 7, 2199];

function valuesNamedBy(field: string, last: number): (value: number) => boolean {
  if (field === '*' || field === '?') return () => true;
  const match = /^(\d+)(?:\/([1-9]\d*))?$/.exec(field);
  if (!match) throw new Error(`expected *, ?, n or n/step, got ${field}`);
  const start = Number(match[1]);
  const step = match[2] === undefined ? undefined : Number(match[2]);
  if (Math.max(start, step ?? 0) > last) throw new Error(`expected numbers up to ${last}, got ${field}`);
  return (value) => (step === undefined ? value === start : value >= start && (value - start) % step === 0);
}
