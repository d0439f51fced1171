import path from 'node:path';
import { usualRegion } from '../../stages.ts';
import type { Platform, Runner } from '../data-folder.ts';
import type { Place } from './place.ts';

/** What to type, for texts that say what to do. */
export function verb(name: string, args: string, at: string | Place): string {
  const words = [args, ...(typeof at === 'string' ? dataWords(at) : placeWords(at))].filter(Boolean);
  return words.length === 0 ? `npm run ${name}` : `npm run ${name} -- ${words.join(' ')}`;
}

const dataWords = (data: string) => (path.resolve(data) === path.resolve('.millrace') ? [] : [`--data ${data}`]);

function placeWords({ data, stage, region }: Place): readonly string[] {
  if (stage === undefined) return dataWords(data);
  return [`--stage ${stage}`, ...(region === usualRegion ? [] : [`--region ${region}`])];
}

export const startIt = (data: string) => verb('local', '', data);
export const stopIt = (data: string) => verb('local', '--down', data);
export const statusOf = (data: string) => verb('status', '', data);

/** What runs on a data folder, since when, where, and how to look at it and stop it. */
export function whatRuns(data: string, { pid, since }: Runner, platform: Places | undefined): readonly string[] {
  const state = platform === undefined ? 'is starting or stopping' : 'runs';
  return [
    `A platform ${state} on the data folder ${data}, since ${since.toISOString().slice(0, 19)}Z (pid ${pid}).`,
    ...(platform ? addresses(platform) : []),
    `  look at it: ${statusOf(data)}   stop it: ${stopIt(data)}`,
  ];
}

type Places = Pick<Platform, 'ports' | 'airflow'>;

export function addresses({ ports, airflow }: Places): readonly string[] {
  const { postgres, kafka, cassandra, registry } = ports;
  const at = (port: number) => `127.0.0.1:${port}`;
  return [
    `  PostgreSQL ${at(postgres)}, Kafka ${at(kafka)}, Cassandra ${at(cassandra)}, schemas http://${at(registry)}/ui/`,
    ...(airflow ? [`  Airflow, a minute later, ${placeOfAirflow(airflow)}`] : []),
  ];
}

/** Where its pages are, and where the password lies. */
export const placeOfAirflow = ({ url, passwords }: NonNullable<Platform['airflow']>) =>
  `${url}, user and password in ${passwords}`;
