import { startOrder } from './decide.ts';
import type { Service } from './service.ts';
import { Supervised, type SupervisorEvent } from './supervised.ts';

export interface Running {
  /** Stops every server, those that others depend on last, and waits until the processes are gone. */
  stop(): Promise<void>;
}

export interface SupervisorOptions {
  readonly onEvent: (event: SupervisorEvent) => void;
  /** How often a healthy server is asked, and how often in a row it may not answer. */
  readonly watch?: { readonly everyMs: number; readonly mostMisses: number };
  /** Gives up a start that is under way; the servers are stopped and the start fails. */
  readonly signal?: AbortSignal;
}

/**
 * Ends what a killed runner left behind, then starts the services, each as soon as those it depends on are healthy.
 * When one cannot start, the others are stopped again and its error is thrown. A crash later is repaired and told
 * through onEvent; `failed` means given up.
 */
export async function startServices(services: readonly Service[], options: SupervisorOptions): Promise<Running> {
  const all = startOrder(services).map((service) => new Supervised(service, options.onEvent, options.watch));
  await Promise.all(all.map((one) => one.endLeftover()));
  options.signal?.throwIfAborted();
  const undo = signalOnExit(all);
  const stop = () => stopAll(all).finally(undo);
  try {
    await startAll(all, options.signal);
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}

/** An exit that nobody planned cannot wait for the servers, but they learn of it. */
function signalOnExit(all: readonly Supervised[]): () => void {
  const onExit = () => {
    for (const one of all) one.signalNow();
  };
  process.once('exit', onExit);
  return () => process.off('exit', onExit);
}

/** Returns or throws when no start is under way any more. */
async function startAll(all: readonly Supervised[], signal: AbortSignal | undefined): Promise<void> {
  const giveUp = () => {
    for (const one of all) one.giveUp();
  };
  signal?.addEventListener('abort', giveUp, { once: true });
  const started = new Map<string, Promise<void>>();
  for (const one of all) {
    const needs = one.service.dependsOn.map((name) => started.get(name));
    started.set(
      one.service.name,
      Promise.all(needs).then(() => one.start()),
    );
  }
  try {
    await Promise.all(started.values());
  } catch (error) {
    giveUp();
    await Promise.allSettled(started.values());
    throw error;
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
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
