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
  'airflow',
  // In containers alone.
  'sparkMaster',
  'sparkUi',
  'kafkaUi',
  'sparkWorkerUi',
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

/** So many ranges are tried when nobody named one. */
const ranges = 20;
const step = 100;

/** The bases to try: the one that somebody named and no other, or the default and those after it. */
export function candidateBases(asked: number | undefined): readonly number[] {
  return asked === undefined ? Array.from({ length: ranges }, (_, index) => defaultPortBase + index * step) : [asked];
}

export interface ChosenPorts {
  readonly ports: Ports;
  /** What is worth telling: that the default range is taken, and by whom. */
  readonly note: string | undefined;
}

/** The first range that is free, so that a second checkout starts beside the first; a range somebody named must be free. */
export async function choosePorts(asked: number | undefined, look = takenOf): Promise<ChosenPorts> {
  const taken: string[] = [];
  for (const base of candidateBases(asked)) {
    const ports = portsFrom(base);
    const holders = await look(ports);
    if (holders.length === 0) return { ports, note: noteOf(base, taken[0]) };
    taken.push(holders.join(', '));
  }
  throw new Error(problemOf(asked, taken[0] ?? ''));
}

function noteOf(base: number, taken: string | undefined): string | undefined {
  return taken && `Ports from ${base}, because others are taken: ${taken}.`;
}

function problemOf(asked: number | undefined, taken: string): string {
  const what = asked === undefined ? `none of ${ranges} ranges from ${defaultPortBase} is free; the first` : 'taken';
  const other = (asked ?? defaultPortBase) + (asked === undefined ? ranges : 1) * step;
  return `Ports on 127.0.0.1: ${what}: ${taken}. Stop what listens there, or choose other ports: --port-base ${other}.`;
}

/** Ports of a range that other programs listen on: a message later, out of a server's log, would be obscure. */
async function takenOf(ports: Ports): Promise<readonly string[]> {
  const taken: string[] = [];
  for (const name of portNames) {
    if (!(await isFree(ports[name]))) taken.push(`${ports[name]} (${name})${holder(ports[name])}`);
  }
  return taken;
}

/**
 * A port for a server that listens only after seconds: with a first one below those that the system gives to whoever asks
 * for any (from 32,768 on), and another for each process, nobody else takes it meanwhile.
 */
export async function freePort(first: number): Promise<number> {
  let port = first + (process.pid % 700);
  while (!(await isFree(port))) port += 1;
  return port;
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
