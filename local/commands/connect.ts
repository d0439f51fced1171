import path from 'node:path';
import { type Credentials, loadCredentials } from '../credentials.ts';
import { type Platform, readPlatform } from '../data-folder.ts';
import type { Ports } from '../ports.ts';
import { functionPrefix } from '../start/functions.ts';
import { tableAddress } from '../start/secrets.ts';
import { type StepClient, stepClient } from '../step-client.ts';
import type { TableEndpoint } from '../table-reader.ts';

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
  const { aws, cassandra } = credentials;
  return {
    pid: platform.runner.pid,
    steps: stepClient({ url: platform.endpoints['aws'] ?? '', ...aws, region: 'us-east-1', functionPrefix }),
    tables: { ...tableAddress(platform.ports), ...cassandra.reader },
  };
}

/** The same for commands that make no sense without one: says so and what to do. */
export function requireConnected(data: string): Connected {
  return connectTo(data) ?? nothingRuns(data);
}

/** Ports and logins, for commands that ask a server itself. */
export function requireRunning(data: string): { readonly ports: Ports; readonly credentials: Credentials } {
  const { platform, credentials } = runningOn(data) ?? nothingRuns(data);
  return { ports: platform.ports, credentials };
}

function runningOn(data: string): { platform: Platform; credentials: Credentials } | undefined {
  const platform = readPlatform(path.resolve(data));
  if (platform === undefined) return undefined;
  return { platform, credentials: loadCredentials(path.join(path.resolve(data), 'credentials.json')) };
}

function nothingRuns(data: string): never {
  throw new Error(`Nothing runs on the data folder ${data}. Start it in another terminal: npm run local`);
}
