import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Facts that are put the same way wherever they are read. */
export type Entry = readonly [fact: string, value: string];

const hashed = (content: string | Buffer) => createHash('sha256').update(content).digest('hex').slice(0, 12);

/** Every file of a function that runs, by its content; a map of its source names paths of where it was made. */
export function bundleFacts(step: string, folder: string): readonly Entry[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && !entry.name.endsWith('.map'),
  );
  return files.map((entry) => {
    const file = path.join(entry.parentPath, entry.name);
    return [`function/${step}/file/${path.relative(folder, file).replaceAll('/', ':')}`, hashed(readFileSync(file))];
  });
}

export const daySeconds = 86_400;
/** A day on which nothing is special. */
export const day = Date.UTC(2026, 10, 24);

/** The calls of a day: how many, the first, and a mark of all of them. */
export function instantFacts(
  step: string,
  pipeline: string,
  minutes: readonly number[],
  event: object,
): readonly Entry[] {
  const times = minutes.map((minute) => new Date(day + minute * 60_000).toISOString().slice(11, 16));
  return [
    [`instants/${step}/${pipeline}`, `${times.length} from ${times[0]}, ${hashed(times.join())}`],
    [`event/${step}/${pipeline}`, Object.keys(event).sort().join()],
  ];
}

/** A schema as it is meant, whatever its blanks. */
export const schemaFact = (pipeline: string, text: string): Entry => [
  `schema/${pipeline}`,
  hashed(JSON.stringify(JSON.parse(text))),
];

/** `(country, month), registered DESC, user_id ASC`. */
export const keyText = (partition: readonly string[], cluster: readonly string[]) =>
  [`(${partition.join(', ')})`, ...cluster].join(', ');
