import path from 'node:path';
import type { DatabaseSecret } from '../../functions/adapters/postgres/connection.ts';
import { functionPrefix } from '../../stages.ts';
import { type Credentials, loadCredentials } from '../credentials.ts';
import { type Platform, readPlatform, runnerOf } from '../data-folder.ts';
import { stageClient } from '../stage-client.ts';
import { tableAddress, topicSecretOf } from '../start/secrets.ts';
import { type StepClient, stepClient } from '../step-client.ts';
import type { TableEndpoint } from '../table-reader.ts';
import type { Place } from './place.ts';
import { talkToAws } from './verb.ts';
import { startIt, statusOf } from './verb-text.ts';

/** Clients of the platform that runs on a data folder. */
export interface Connected {
  readonly pid: number;
  readonly steps: StepClient;
  readonly tables: TableEndpoint;
}

/** Connects to the platform of a data folder; undefined when none runs there. */
export function connectTo(data: string): Connected | undefined {
  const running = runningOn(data);
  if (running === undefined) return undefined;
  const { platform, credentials } = running;
  return {
    pid: platform.runner.pid,
    steps: stepClient({
      url: platform.endpoints['aws'] ?? '',
      ...credentials.aws,
      region: 'us-east-1',
      functionPrefix,
    }),
    tables: readersOf(platform, credentials).table,
  };
}

/** The same for commands that make no sense without one: says so and what to do. */
export function requireConnected(data: string): Connected {
  return connectTo(data) ?? nothingRuns(data);
}

/** The steps of the platform, or of the stage that is named. */
export function requireSteps({ data, stage, region, rehearse }: Place): StepClient {
  if (stage === undefined) return requireConnected(data).steps;
  talkToAws({ rehearse });
  return stageClient({ stage, region });
}

/** Ports and logins, for commands that ask a server itself. */
export function requireRunning(data: string): { readonly platform: Platform; readonly readers: Readers } {
  const { platform, credentials } = runningOn(data) ?? nothingRuns(data);
  return { platform, readers: readersOf(platform, credentials) };
}

/** Who a person at a store is, and where it is: what the commands that look at one log in with. */
export interface Readers {
  readonly landing: DatabaseSecret;
  readonly topic: ReturnType<typeof topicSecretOf>;
  readonly table: TableEndpoint;
}

function readersOf({ ports }: Platform, credentials: Credentials): Readers {
  const { postgres, cassandra } = credentials;
  return {
    landing: { host: '127.0.0.1', port: ports.postgres, database: 'millrace', ...postgres.reader },
    topic: topicSecretOf(ports, credentials, 'reader'),
    table: { ...tableAddress(ports), ...cassandra.reader },
  };
}

function runningOn(data: string): { platform: Platform; credentials: Credentials } | undefined {
  const platform = readPlatform(path.resolve(data));
  if (platform === undefined) return undefined;
  return { platform, credentials: loadCredentials(path.join(path.resolve(data), 'credentials.json')) };
}

function nothingRuns(data: string): never {
  const runner = runnerOf(path.resolve(data));
  if (runner === undefined) throw new Error(`Nothing runs on the data folder ${data}. Start it: ${startIt(data)}`);
  throw new Error(
    `The platform on the data folder ${data} is starting or stopping (pid ${runner.pid}). Look again: ${statusOf(data)}`,
  );
}
