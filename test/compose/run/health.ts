import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** Asks podman's own API. */
export type Ask = <T>(path: string) => Promise<T>;

interface Container {
  readonly Id: string;
  readonly Names: readonly string[];
}

export function ask(socketPath: string): Ask {
  return <T>(path: string) =>
    new Promise<T>((resolve, reject) => {
      const request = http.get({ socketPath, path: `/v4.0.0/libpod/${path}` }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => {
          if (response.statusCode === 200) resolve(JSON.parse(text) as T);
          else reject(new Error(`podman answered ${response.statusCode} to ${path}: ${text}`));
        });
      });
      request.on('error', reject);
    });
}

/**
 * Has every container's health asked until told to stop. podman leaves that to systemd, which need not run; without it
 * a container would be starting for ever.
 */
export async function askHealth(engine: Ask, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const containers = await engine<readonly Container[]>('containers/json').catch(() => []);
    // One that has no health check, or has just ended, is no news.
    for (const { Id } of containers) await engine(`containers/${Id}/healthcheck`).catch(() => undefined);
    await sleep(1000, undefined, { signal }).catch(() => undefined);
  }
}
