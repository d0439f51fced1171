import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Who on the path burnt the time. `source` and `bench` are the measuring side. */
export type Part =
  | 'extract'
  | 'relay'
  | 'audit'
  | 'functions'
  | 'postgres'
  | 'kafka'
  | 'registry'
  | 'spark'
  | 'cassandra'
  | 'source'
  | 'bench';

/** Seconds of CPU by part. */
export type CpuSeconds = Readonly<Record<Part, number>>;

/** First match wins: what a command line or its folder must hold for its process to belong to a part. */
const marks: readonly (readonly [RegExp, Part])[] = [
  [/bundles\/functions\/extract/, 'extract'],
  [/bundles\/functions\/relay/, 'relay'],
  [/bundles\/functions\/audit/, 'audit'],
  [/bundles\/functions\//, 'functions'],
  [/CassandraDaemon/, 'cassandra'],
  [/kafka\.Kafka/, 'kafka'],
  [/SparkSubmit|streaming\/job\/main\.py|pyspark/, 'spark'],
  [/quarkus|apicurio|registry/, 'registry'],
  [/postgres/, 'postgres'],
  [/bench\/feed/, 'source'],
];

const ticksPerSecond = 100;

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly seconds: number;
  readonly command: string;
}

/** CPU that this process and its descendants have used so far, by part. */
export function cpuSoFar(): CpuSeconds {
  const sums: Record<string, number> = Object.fromEntries(parts.map((part) => [part, 0]));
  for (const { part, seconds } of family()) sums[part] = (sums[part] ?? 0) + seconds;
  return sums as CpuSeconds;
}

/** Megabytes by part: memory shared between processes is divided among them (PSS). */
export function memoryNow(): CpuSeconds {
  const sums: Record<string, number> = Object.fromEntries(parts.map((part) => [part, 0]));
  for (const { part, pid } of family()) sums[part] = (sums[part] ?? 0) + pssMb(pid);
  return sums as CpuSeconds;
}

/** Holds the Spark job, lets it go on, or ends it. */
export function signalSpark(signal: NodeJS.Signals): void {
  for (const { part, pid } of family()) if (part === 'spark') process.kill(pid, signal);
}

export function since(before: CpuSeconds): CpuSeconds {
  const now = cpuSoFar();
  return Object.fromEntries(parts.map((part) => [part, now[part] - before[part]])) as CpuSeconds;
}

const parts: readonly Part[] = [
  'extract',
  'relay',
  'audit',
  'functions',
  'postgres',
  'kafka',
  'registry',
  'spark',
  'cassandra',
  'source',
  'bench',
];

/** This process's descendants; a child inherits its parent's part when its own command line says nothing. */
function family(): { readonly pid: number; readonly part: Part; readonly seconds: number }[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => processOf(Number(name)) ?? []);
  const found: { pid: number; part: Part; seconds: number }[] = [];
  const visit = (pid: number, inherited: Part) => {
    for (const one of all.filter(({ parent }) => parent === pid)) {
      const part = marks.find(([mark]) => mark.test(one.command))?.[1] ?? inherited;
      found.push({ pid: one.pid, part, seconds: one.seconds });
      visit(one.pid, part);
    }
  };
  const { user, system } = process.cpuUsage();
  found.push({ pid: process.pid, part: 'bench', seconds: (user + system) / 1e6 });
  visit(process.pid, 'bench');
  return found;
}

/** Fields of /proc/<pid>/stat after the command's name: parent is the 2nd, CPU in ticks from the 12th, that of reaped children after it. */
function processOf(pid: number): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + (fields[index] ?? 0), 0);
    // A function's command line is like any other's; it runs in its bundle's folder.
    const command = `${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')} ${readlinkSync(`/proc/${pid}/cwd`)}`;
    return { pid, parent: fields[1] ?? 0, seconds: ticks / ticksPerSecond, command };
  } catch {
    return undefined; // It has ended meanwhile.
  }
}

function pssMb(pid: number): number {
  try {
    const kb = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
    return Number(kb ?? 0) / 1024;
  } catch {
    return 0;
  }
}
