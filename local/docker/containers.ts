import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { airflowUrl } from '../airflow/config.ts';
import { connectTo } from '../commands/connect.ts';
import { doOnce } from '../commands/once.ts';
import { showStatus } from '../commands/serve.ts';
import { addresses } from '../commands/verb-text.ts';
import {
  type DataFolder,
  lockDataFolder,
  openDataFolder,
  type Platform,
  readPlatform,
  removePlatform,
} from '../data-folder.ts';
import type { RunOptions } from '../options.ts';
import { choosePorts, type Ports } from '../ports.ts';
import { lightJvm } from '../services/setting.ts';
import { readyWords } from '../start/trace.ts';
import { markOf } from '../supervisor/process.ts';
import { Compose, imageOverrides, portVariables } from './compose.ts';
import { dockerProblem } from './preflight.ts';

export interface Around {
  readonly env: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** `npm run local -- --docker`: the path in containers, with the data folder and the commands of a path without. */
export async function runInContainers(options: RunOptions, { env, say, signal }: Around): Promise<number> {
  const profile = options.airflow && !options.once ? 'full' : 'path';
  const problem = dockerProblem(profile);
  if (problem !== undefined) throw new Error(problem);
  const started = performance.now();
  const folder = openDataFolder(options.data);
  const unlock = lockDataFolder(folder);
  try {
    requireForContainers(folder);
    // What a killed runner left behind holds ports itself.
    await new Compose(folder.id, env).down(() => undefined, { volumes: false });
    removePlatform(folder);
    const { ports, note } = await choosePorts(options.portBase);
    if (note !== undefined) say(note);
    const compose = new Compose(folder.id, { ...env, ...portVariables(ports), ...variablesOf(folder, options, ports) });
    say(`Starting the path in containers (data folder ${options.data}; the first time, images come from the network):`);
    return await upAndRun(compose, folder, options, { env, say, signal, started, profile });
  } finally {
    unlock();
  }
}

/** From the last server's start until the path is up. */
const pathSeconds = 300;

interface Up extends Around {
  readonly started: number;
  readonly profile: 'path' | 'full';
}

async function upAndRun(compose: Compose, folder: DataFolder, options: RunOptions, up: Up): Promise<number> {
  const { say, signal } = up;
  let unfollow = () => {};
  try {
    const starting = compose.up(up.profile === 'full' ? ['full'] : [], progressLines(say), signal);
    await untilReady(compose, folder, starting, up);
    unfollow = compose.followLogs((service) => folder.log(service));
    const seconds = (performance.now() - up.started) / 1000;
    say(`${readyWords} ${seconds.toFixed(1)} s. Logins: ${folder.credentials}.`);
    return await run(options, seconds, up);
  } finally {
    unfollow();
    say('Stopping.');
    await compose.down(() => undefined, { volumes: false });
    removePlatform(folder);
  }
}

async function run(options: RunOptions, startSeconds: number, { say, signal }: Up): Promise<number> {
  const connected = connectTo(options.data);
  const platform = readPlatform(options.data);
  if (connected === undefined || platform === undefined)
    throw new Error('The containers ended as soon as they were up.');
  if (options.once) return (await doOnce({ ...connected, startSeconds }, options, say, signal)) ? 0 : 1;
  if (!options.background) for (const line of [...addresses(platform), 'Ctrl-C stops everything.']) say(line);
  await showStatus(options.data, { isShown: !options.background, signal });
  return 0;
}

/** The runner in its container says so in the data folder, which it has in common with this machine. */
async function untilReady(
  compose: Compose,
  folder: DataFolder,
  starting: Promise<void>,
  { env, signal }: Up,
): Promise<void> {
  let failed: Error | undefined;
  let startedAt = Number.POSITIVE_INFINITY;
  starting.then(
    () => {
      startedAt = performance.now();
    },
    (error: Error) => {
      failed = error;
    },
  );
  while (readPlatform(folder.root) === undefined) {
    signal.throwIfAborted();
    if (performance.now() - startedAt > pathSeconds * 1000)
      throw await explained(
        new Error(`The path was not up ${pathSeconds} s after its servers.`),
        'millrace',
        compose,
        env,
      );
    if (failed) throw await explained(failed, endedIn(failed), compose, env);
    await sleep(200);
  }
}

/** The service that Compose says a start failed by. */
const endedIn = ({ message }: Error) => /container \S+?-([a-z-]+)-\d+ (?:exited|is unhealthy)/.exec(message)?.[1];

/** With what the container that ended said last, and with images that somebody chose: either may be the reason. */
async function explained(
  cause: Error,
  service: string | undefined,
  compose: Compose,
  env: NodeJS.ProcessEnv,
): Promise<Error> {
  const said =
    service === undefined
      ? []
      : [`${service} said last:`, ...(await compose.lastLines(service)).map((line) => `  ${line}`)];
  const overrides = imageOverrides(env);
  const chosen = overrides.length === 0 ? [] : [`Images that were chosen in the environment: ${overrides.join(', ')}.`];
  return new Error([cause.message, ...said, ...chosen].join('\n'), { cause });
}

/** Of Compose's many lines those that say that something is done, or wrong. */
function progressLines(say: (line: string) => void): (line: string) => void {
  return (line) => {
    const [, name, state] = /Container \S+?-([a-z-]+)-\d+\s+(Healthy|Exited|Error.*)$/.exec(line) ?? [];
    if (name !== undefined && state === 'Healthy') say(`  ${name.padEnd(17)} ready`);
    else if (name !== undefined) say(`  ${name.padEnd(17)} ${state}`);
    else if (/\b(Pulled|Built|Building)\b/.test(line)) say(`  ${line.trim()}`);
  };
}

/** Servers of one kind know nothing of what those of the other keep. */
function requireForContainers(folder: DataFolder): void {
  if (!existsSync(path.join(folder.root, 'bundles'))) return;
  throw new Error(
    `The data folder ${folder.root} belongs to a path without containers. Choose another: --data DIR, or go on without --docker.`,
  );
}

function variablesOf(
  folder: DataFolder,
  { source, pipeline, once, airflow }: RunOptions,
  ports: Ports,
): Record<string, string> {
  const runner = markOf(process.pid);
  const kafka = [...new Compose(folder.id).exec('kafka'), 'java', '-Xmx256m', ...lightJvm, '-cp', '/opt/kafka/libs/*'];
  const host: Partial<Platform> = {
    ...(runner && { runner }),
    kafkaTools: { command: kafka, loginFile: '/millrace/config/kafka/reader.properties' },
    ...(airflow && !once && { airflow: { url: airflowUrl(ports), passwords: path.join(folder.root, 'airflow.json') } }),
  };
  return {
    MILLRACE_FOLDER: folder.root,
    MILLRACE_USER: userOf(process.getuid?.(), process.getgid?.()),
    MILLRACE_HOST: JSON.stringify(host),
    MILLRACE_SCHEDULE: once ? 'off' : 'on',
    ...(source !== undefined && { MILLRACE_SOURCE: source }),
    ...(pipeline.length > 0 && { MILLRACE_PIPELINES: pipeline.join(',') }),
  };
}

/** The container's runner shares the data folder with the person who started it; root needs no such care. */
const userOf = (uid: number | undefined, gid: number | undefined) => (uid ? `${uid}:${gid ?? uid}` : '10001:10001');
