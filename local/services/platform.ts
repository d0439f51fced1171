import type { PostgresHost } from '../install/postgres-host.ts';
import { cassandra } from './cassandra.ts';
import { kafka } from './kafka.ts';
import type { Server } from './made.ts';
import { postgres } from './postgres.ts';
import { registry } from './registry.ts';
import type { Setting } from './setting.ts';

/** The servers, in the order of the path: landing, topic, its schemas, table. */
export function platformServices(setting: Setting, host: PostgresHost): readonly Server[] {
  return [postgres(setting, host), kafka(setting), registry(setting), cassandra(setting)];
}
