import { existsSync, readdirSync, statSync } from 'node:fs';
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

/** The log of a service, or the newest one of a name that begins like that; a name that has none is refused. */
export function logFileOf(data: string, service: string): string {
  const known = servicesWithLogs(data);
  const fileOf = (name: string) => path.join(data, 'logs', `${name}${ending}`);
  if (known.includes(service)) return fileOf(service);
  const [newest] = known
    .filter((name) => name.startsWith(`${service}-`))
    .map(fileOf)
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  if (newest !== undefined) return newest;
  const expected = known.length === 0 ? 'nothing was started on it yet' : `expected one of ${known.join(', ')}`;
  throw new RangeError(`The data folder ${data} has no log of ${service}: ${expected}.`);
}
