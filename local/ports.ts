import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Every port of the local platform, in the order of their numbers. */
export const portNames = [
  'postgres',
  'kafka',
  'kafkaController',
  'registry',
  'cassandra',
  'cassandraStorage',
  'aws',
  'console',
] as const;

type PortName = (typeof portNames)[number];
export type Ports = Readonly<Record<PortName, number>>;

export const defaultPortBase = 19_100;
const lastBase = 65_535 - portNames.length;

/** One base gives all ports, so two checkouts stay apart by one number. */
export function portsFrom(base: number): Ports {
  if (!Number.isInteger(base) || base < 1024 || base > lastBase) {
    throw new Error(`--port-base must be a whole number from 1024 to ${lastBase}, got ${base}.`);
  }
  return Object.fromEntries(portNames.map((name, index) => [name, base + index])) as Ports;
}

/** Throws when another program listens on one of the ports; a message later, out of a server's log, would be obscure. */
export async function requireFreePorts(ports: Ports): Promise<void> {
  const taken: string[] = [];
  for (const name of portNames) {
    if (!(await isFree(ports[name]))) taken.push(`${ports[name]} (${name})${holder(ports[name])}`);
  }
  if (taken.length === 0) return;
  throw new Error(
    `Ports are taken on 127.0.0.1: ${taken.join(', ')}. Stop what listens there, or choose other ports: --port-base ${ports.postgres + 100}.`,
  );
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ port, host: '127.0.0.1', exclusive: true });
    await once(server, 'listening');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  } finally {
    server.close();
  }
}

/** Who listens there, as far as this system tells: one of the two tools may be there, and may be allowed to know. */
function holder(port: number): string {
  const ss = spawnSync('ss', ['-Hltnp', `sport = :${port}`], { encoding: 'utf8' });
  const bySs = /\("([^"]+)",pid=(\d+)/.exec(ss.stdout ?? '');
  if (bySs) return ` by ${bySs[1]}, pid ${bySs[2]}`;
  const lsof = spawnSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], { encoding: 'utf8' });
  const byLsof = /^p(\d+)\nc(.+)$/m.exec(lsof.stdout ?? '');
  return byLsof ? ` by ${byLsof[2]}, pid ${byLsof[1]}` : '';
}
