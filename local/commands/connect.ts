import path from 'node:path';
import { loadCredentials } from '../credentials.ts';
import { readPlatform } from '../data-folder.ts';
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
  const platform = readPlatform(path.resolve(data));
  if (platform === undefined) return undefined;
  const { aws, cassandra } = loadCredentials(path.join(path.resolve(data), 'credentials.json'));
  return {
    pid: platform.runner.pid,
    steps: stepClient({ url: platform.endpoints['aws'] ?? '', ...aws, region: 'us-east-1', functionPrefix }),
    tables: { ...tableAddress(platform.ports), ...cassandra.reader },
  };
}

/** The same for commands that make no sense without one: says so and what to do. */
export function requireConnected(data: string): Connected {
  const connected = connectTo(data);
  if (connected !== undefined) return connected;
  throw new Error(`Nothing runs on the data folder ${data}. Start it in another terminal: npm run local`);
}
