import { rmSync } from 'node:fs';
import { type Credentials, loadCredentials } from '../credentials.ts';
import { type DataFolder, lockDataFolder, openDataFolder } from '../data-folder.ts';
import type { Installed } from '../install/install.ts';
import { type PostgresHost, postgresHost, removePostgresHome } from '../install/postgres-host.ts';
import { type Ports, portsFrom, requireFreePorts } from '../ports.ts';
import type { Service } from '../supervisor/service.ts';
import type { SupervisorEvent } from '../supervisor/supervised.ts';
import { startServices } from '../supervisor/supervisor.ts';
import { cassandra } from './cassandra.ts';
import { kafka } from './kafka.ts';
import { postgres } from './postgres.ts';
import { registry } from './registry.ts';
import type { Setting } from './setting.ts';

/** The servers, in the order of the path: landing, topic, its schemas, table. */
export function platformServices(setting: Setting, host: PostgresHost): readonly Service[] {
  return [postgres(setting, host), kafka(setting), registry(setting), cassandra(setting)];
}

export interface ServersOptions {
  /** See openDataFolder(). */
  readonly dataFolder: string;
  readonly portBase: number;
  readonly installed: Installed;
  /** Java 17. */
  readonly java: string;
  readonly onEvent: (event: SupervisorEvent) => void;
  /** Gives up a start that is under way. */
  readonly signal?: AbortSignal;
}

/** The servers, up and healthy, and what is needed to talk to them. */
export interface Servers {
  readonly folder: DataFolder;
  readonly ports: Ports;
  readonly credentials: Credentials;
  /** Stops them and gives the data folder back. */
  stop(): Promise<void>;
}

/** Takes the data folder and brings all servers up in it. */
export async function startServers(options: ServersOptions): Promise<Servers> {
  const ports = portsFrom(options.portBase);
  const folder = openDataFolder(options.dataFolder);
  const unlock = lockDataFolder(folder);
  try {
    const credentials = loadCredentials(folder.credentials);
    const host = await postgresHost(folder, process.getuid?.());
    const services = platformServices({ ...options, folder, ports, credentials }, host);
    const running = await startServices(services, {
      onEvent: options.onEvent,
      ...(options.signal && { signal: options.signal }),
      beforeStart: () => requireFreePorts(ports),
    });
    return { folder, ports, credentials, stop: () => running.stop().finally(unlock) };
  } catch (error) {
    unlock();
    throw error;
  }
}

/** Deletes a data folder that no runner uses, with the database that root keeps elsewhere. */
export function removeData(root: string): void {
  const folder = openDataFolder(root);
  lockDataFolder(folder);
  removePostgresHome(folder);
  rmSync(folder.root, { recursive: true, force: true });
}
