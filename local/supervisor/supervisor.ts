import { startOrder } from './decide.ts';
import type { Service } from './service.ts';
import { Supervised, type SupervisorEvent } from './supervised.ts';

export interface Running {
  /** Stops every server, those that others depend on last, and waits until the processes are gone. */
  stop(): Promise<void>;
}

export interface SupervisorOptions {
  readonly onEvent: (event: SupervisorEvent) => void;
  /** Runs when no leftover is there any more and nothing is started yet: the moment to look for free ports. */
  readonly beforeStart?: () => Promise<void>;
  /** Ends the start at once: what is up already is stopped. */
  readonly signal?: AbortSignal;
}

/**
 * Ends what a killed runner left behind, then starts the services, each as soon as those it depends on are healthy.
 * When one cannot start, the others are stopped again and its error is thrown. A crash later is repaired and told
 * through onEvent; `failed` means given up.
 */
export async function startServices(services: readonly Service[], options: SupervisorOptions): Promise<Running> {
  const all = startOrder(services).map((service) => new Supervised(service, options.onEvent));
  await Promise.all(all.map((one) => one.endLeftover()));
  await options.beforeStart?.();
  const onExit = () => {
    for (const one of all) one.signalNow();
  };
  process.once('exit', onExit);
  const stop = async () => {
    await stopAll(all);
    process.off('exit', onExit);
  };
  try {
    await unlessAborted(startAll(all), options.signal);
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}

/** The work's own end is not waited for; stopping its services ends it. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  const ended = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    const refuse = () => reject(signal?.reason);
    if (signal?.aborted) refuse();
    signal?.addEventListener('abort', refuse, { signal: ended.signal });
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    ended.abort();
  }
}

async function startAll(all: readonly Supervised[]): Promise<void> {
  const started = new Map<string, Promise<void>>();
  for (const one of all) {
    const needs = one.service.dependsOn.map((name) => started.get(name));
    started.set(
      one.service.name,
      Promise.all(needs).then(() => one.start()),
    );
  }
  await Promise.all(started.values());
}

async function stopAll(all: readonly Supervised[]): Promise<void> {
  const stopped = new Map<string, Promise<void>>();
  for (const one of [...all].reverse()) {
    const dependents = all.filter(({ service }) => service.dependsOn.includes(one.service.name));
    const theirs = dependents.map(({ service }) => stopped.get(service.name));
    stopped.set(
      one.service.name,
      Promise.all(theirs).then(() => one.stop()),
    );
  }
  await Promise.all(stopped.values());
}
