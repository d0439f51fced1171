import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from '../supervisor/service.ts';
import type { SupervisorEvent } from '../supervisor/supervised.ts';
import type { Running } from '../supervisor/supervisor.ts';

const pollMs = 500;
const watchMs = 5000;

export interface Attaching {
  readonly onEvent: (event: SupervisorEvent) => void;
  readonly signal: AbortSignal;
}

/**
 * Waits for servers that somebody else starts and starts again, gives them their users, and from then on tells when one
 * is silent and when it is back.
 */
export async function attach(
  servers: readonly Pick<Service, 'name' | 'startSeconds' | 'provision' | 'health'>[],
  { onEvent, signal }: Attaching,
): Promise<Running> {
  const stopping = new AbortController();
  await Promise.all(
    servers.map(async (server) => {
      const started = performance.now();
      await untilHealthy(server, signal);
      onEvent({ service: server.name, state: 'healthy', seconds: (performance.now() - started) / 1000 });
    }),
  );
  const watches = servers.map((server) => watch(server, onEvent, stopping.signal));
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(watches);
    },
  };
}

type Server = Parameters<typeof attach>[0][number];

async function untilHealthy(server: Server, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + server.startSeconds * 1000;
  for (;;) {
    signal.throwIfAborted();
    const problem = await problemOf(async () => {
      await server.provision?.();
      await server.health();
    });
    if (problem === undefined) return;
    if (performance.now() > deadline)
      throw new Error(`${server.name} was not healthy after ${server.startSeconds} s: ${problem}`);
    await sleep(pollMs);
  }
}

async function watch(server: Server, onEvent: Attaching['onEvent'], signal: AbortSignal): Promise<void> {
  for (let wasSilent = false; ; ) {
    await sleep(watchMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    const detail = await problemOf(() => server.health());
    const isSilent = detail !== undefined;
    if (isSilent !== wasSilent)
      onEvent({
        service: server.name,
        state: isSilent ? 'silent' : 'healthy',
        seconds: 0,
        ...(isSilent && { detail }),
      });
    wasSilent = isSilent;
  }
}

async function problemOf(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
