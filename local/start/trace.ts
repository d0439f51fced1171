import type { SupervisorEvent } from '../supervisor/supervised.ts';
import type { Progress } from './progress.ts';

/** How long the parts of a start took; all times in seconds. */
export interface StartTrace {
  /** When the start began, ISO 8601. */
  readonly at: string;
  readonly seconds: number;
  /** In the order in which they were done. */
  readonly parts: readonly TracedPart[];
}

export interface TracedPart {
  readonly name: string;
  /** From the beginning of the start until this part began: what it waited for was done by then. */
  readonly waited: number;
  readonly seconds: number;
  /** Of a server: before its process was started. */
  readonly prepared?: number;
}

/** A progress that also keeps times; `finish` answers them. */
export function traced(progress: Progress): { progress: Progress; finish(): StartTrace } {
  const at = new Date().toISOString();
  const started = performance.now();
  const now = () => round((performance.now() - started) / 1000);
  const parts: TracedPart[] = [];
  const servers = new Map<string, { from: number; prepared: number }>();
  const service = (event: SupervisorEvent) => {
    noteServer(event, now(), servers, parts);
    progress.service(event);
  };
  const during: Progress['during'] = async (name, work) => {
    const waited = now();
    const result = await progress.during(name, work);
    parts.push({ name, waited, seconds: round(now() - waited) });
    return result;
  };
  return { progress: { ...progress, service, during }, finish: () => ({ at, seconds: now(), parts: [...parts] }) };
}

function noteServer(
  { service: name, state }: SupervisorEvent,
  now: number,
  servers: Map<string, { from: number; prepared: number }>,
  parts: TracedPart[],
): void {
  if (state === 'preparing') servers.set(name, { from: now, prepared: now });
  const begun = servers.get(name);
  if (begun === undefined) return;
  if (state === 'starting') servers.set(name, { ...begun, prepared: now });
  if (state !== 'healthy') return;
  // What comes later is a restart.
  servers.delete(name);
  const [seconds, prepared] = [now - begun.from, begun.prepared - begun.from].map(round) as [number, number];
  parts.push({ name, waited: begun.from, seconds, prepared });
}

/** The part that took longest; undefined when there was none. */
export function slowestOf({ parts }: StartTrace): TracedPart | undefined {
  return [...parts].sort((a, b) => b.seconds - a.seconds)[0];
}

/** What the line begins with that says a start is over. */
export const readyWords = 'Ready after';

/** How long the start took, and what to look at when that is too long. */
export function readyLine(trace: StartTrace): string {
  const slowest = slowestOf(trace);
  const what = slowest === undefined ? '' : `; slowest: ${slowest.name}, ${slowest.seconds.toFixed(1)} s`;
  return `${readyWords} ${trace.seconds.toFixed(1)} s${what}.`;
}

const round = (seconds: number) => Math.round(seconds * 1000) / 1000;
