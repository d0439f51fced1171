import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

const ending = '.log';

/** Services that have written a log, whether they still run or not. */
export function servicesWithLogs(data: string): readonly string[] {
  const folder = path.join(data, 'logs');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))
    .sort();
}

/** The log of a service; a name that has none is refused with those that have. */
export function logFileOf(data: string, service: string): string {
  const known = servicesWithLogs(data);
  if (known.includes(service)) return path.join(data, 'logs', `${service}${ending}`);
  const expected = known.length === 0 ? 'nothing was started on it yet' : `expected one of ${known.join(', ')}`;
  throw new RangeError(`The data folder ${data} has no log of ${service}: ${expected}.`);
}
