import { spawnSync } from 'node:child_process';

/** Newest things of compose.yaml: start_period with conditions, and several merges in one list. */
const composeNeeded = [2, 24] as const;
/** What the containers of the path hold when they are warm, and Airflow and the page for Kafka on top. */
const memoryNeededGb = { path: 6, full: 8 };

/** Asks docker; undefined when there is no such program. */
export type Ask = (args: readonly string[]) => { readonly ok: boolean; readonly said: string } | undefined;

export const askDocker: Ask = (args) => {
  const { error, status, stdout, stderr } = spawnSync('docker', args, { encoding: 'utf8', timeout: 30_000 });
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return undefined;
  return { ok: status === 0, said: (status === 0 ? stdout : stderr || String(error ?? '')).trim() };
};

const without = 'Or go without containers: npm run local';

/** Why containers cannot be run here; undefined when they can. */
export function dockerProblem(profile: 'path' | 'full', ask: Ask = askDocker): string | undefined {
  const memory = ask(['info', '--format', '{{.MemTotal}}']);
  if (memory === undefined) return `docker is not on the PATH. Install Docker Desktop or Docker Engine. ${without}`;
  if (!memory.ok) return `Docker's daemon does not answer: ${memory.said}. Start it, or ask to be let in. ${without}`;
  return composeProblem(ask(['compose', 'version', '--short'])) ?? memoryProblem(Number(memory.said), profile);
}

function composeProblem(found: ReturnType<Ask>): string | undefined {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(found?.ok ? found.said : '') ?? [];
  const [needed, neededMinor] = composeNeeded;
  const got = `got ${found?.said || 'none'}`;
  if (major === undefined || minor === undefined)
    return `Docker Compose: expected ${composeNeeded.join('.')} or newer, ${got}. Install the plugin docker-compose-plugin. ${without}`;
  const isNewEnough = Number(major) > needed || (Number(major) === needed && Number(minor) >= neededMinor);
  if (isNewEnough) return undefined;
  return `Docker Compose: expected ${composeNeeded.join('.')} or newer, ${got}. Update Docker. ${without}`;
}

function memoryProblem(bytes: number, profile: 'path' | 'full'): string | undefined {
  const gb = bytes / 1024 ** 3;
  const needed = memoryNeededGb[profile];
  if (Number.isNaN(gb) || gb >= needed) return undefined;
  const less = profile === 'full' ? ', or leave out Airflow: --no-airflow' : '';
  return `Docker has ${gb.toFixed(1)} GB of memory, expected at least ${needed}: give it more in its settings (Resources)${less}. ${without}`;
}
