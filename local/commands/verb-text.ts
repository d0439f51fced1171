import path from 'node:path';
import type { Runner } from '../data-folder.ts';
import type { Ports } from '../ports.ts';

/** What to type, for texts that say what to do. */
export function verb(name: string, args: string, data: string): string {
  const words = [args, path.resolve(data) === path.resolve('.millrace') ? '' : `--data ${data}`].filter(Boolean);
  return words.length === 0 ? `npm run ${name}` : `npm run ${name} -- ${words.join(' ')}`;
}

export const startIt = (data: string) => verb('local', '', data);
export const stopIt = (data: string) => verb('local', '--down', data);
export const statusOf = (data: string) => verb('status', '', data);

/** What runs on a data folder, since when, where, and how to look at it and stop it. */
export function whatRuns(data: string, { pid, since }: Runner, ports: Ports | undefined): readonly string[] {
  const state = ports === undefined ? 'is starting or stopping' : 'runs';
  return [
    `A platform ${state} on the data folder ${data}, since ${since.toISOString().slice(0, 19)}Z (pid ${pid}).`,
    ...(ports ? addresses(ports) : []),
    `  look at it: ${statusOf(data)}   stop it: ${stopIt(data)}`,
  ];
}

export function addresses({ postgres, kafka, cassandra, registry }: Ports): readonly string[] {
  const at = (port: number) => `127.0.0.1:${port}`;
  return [
    `  PostgreSQL ${at(postgres)}, Kafka ${at(kafka)}, Cassandra ${at(cassandra)}, schemas http://${at(registry)}/ui/`,
  ];
}
