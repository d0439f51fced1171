import { createWriteStream } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { confirmed } from './commands/ask.ts';
import { connectTo } from './commands/connect.ts';
import { startDetached } from './commands/detach.ts';
import { down } from './commands/down.ts';
import { endWith } from './commands/end.ts';
import { doOnce } from './commands/once.ts';
import { resetFolder, resettable } from './commands/reset-folder.ts';
import { serve } from './commands/serve.ts';
import { addresses, whatRuns } from './commands/verb-text.ts';
import { readPlatform, runnerOf } from './data-folder.ts';
import { runInContainers } from './docker/containers.ts';
import { dockerProblem } from './docker/preflight.ts';
import { heldSource, holdSource, unreachable } from './held-source.ts';
import { cacheFolder } from './install/cache.ts';
import { cacheEntries, formatCache, pruneCache } from './install/cache-use.ts';
import { allComponents, components } from './install/components.ts';
import { missingComponents } from './install/install.ts';
import { chosenPipelines, parseRunOptions, type RunOptions, runCommand, swallowedByNpm } from './options.ts';
import { checkPrerequisites, formatPrerequisites, type Programs } from './prerequisites.ts';
import { chooseSource } from './source-choice.ts';
import { printedProgress } from './start/progress.ts';
import { tableAddress } from './start/secrets.ts';
import { type RunningPath, startPath } from './start/start.ts';
import { readyLine } from './start/trace.ts';

/** `npm run local`: the whole path on this machine. */
async function main(): Promise<number> {
  const swallowed = swallowedByNpm(process.env, runCommand());
  if (swallowed) {
    console.error(swallowed);
    return 2;
  }
  const argv = process.argv.slice(2);
  const options = parseRunOptions(argv);
  // With --json standard output belongs to the verdict.
  const say = options.json ? (line: string) => console.error(line) : (line: string) => console.log(line);
  if (!options.down) return bringUp(options, argv, say);
  await down(options.data, say);
  return 0;
}

async function bringUp(options: RunOptions, argv: readonly string[], say: (line: string) => void): Promise<number> {
  if (options.prune) return prune(say);
  const stopping = stopOnSignals(say);
  if (options.reset && !(await emptied(options, say))) return 1;
  if (!options.once && !options.check && runnerOf(options.data)) return sayWhatRuns(options, say);
  if (options.detach) return startDetached(options.data, argv.filter(isForRunner), say, stopping);
  if (options.docker) return inContainers(options, say, stopping);
  const programs = requirePrograms(options);
  if (programs === undefined) return 1;
  if (options.check) return 0;
  return (await onceBeside(options, say, stopping)) ?? startAndRun(options, programs, say, stopping);
}

async function inContainers(options: RunOptions, say: (line: string) => void, signal: AbortSignal): Promise<number> {
  if (!options.check) {
    return (await onceBeside(options, say, signal)) ?? runInContainers(options, { env: process.env, say, signal });
  }
  const problem = dockerProblem(options.airflow ? 'full' : 'path');
  say(problem ?? 'Docker, its Compose and its memory are enough.');
  return problem === undefined ? 0 : 1;
}

/** Removes what no checkout uses from the user's cache. */
function prune(say: (line: string) => void): number {
  const cache = cacheFolder(process.env, process.platform, os.homedir());
  const removed = pruneCache(cache);
  for (const { name, bytes } of removed) say(`Removed ${path.join(cache, name)} (${Math.round(bytes / 1e6)} MB)`);
  if (removed.length === 0) say(`Nothing to remove: every folder of ${cache} is in use.`);
  return 0;
}

/** What --detach does itself; the runner that it starts gets the rest. */
const isForRunner = (argument: string) => !['--detach', '--reset', '--yes'].includes(argument);

/** Empties the data folder when that is meant; a folder that a platform runs on is refused. */
async function emptied({ data, yes }: RunOptions, say: (line: string) => void): Promise<boolean> {
  const root = resettable(path.resolve(data));
  if (root === undefined) return true;
  const isMeant =
    yes || (await confirmed(`Remove everything in ${root}?`, `npm run local -- --reset --yes --data ${root}`));
  if (isMeant) for (const removed of await resetFolder(root)) say(`Removed ${removed}`);
  else say('Nothing was removed, and nothing started.');
  return isMeant;
}

/** Whoever wants it in the background has it. */
function sayWhatRuns({ data, detach }: RunOptions, say: (line: string) => void): number {
  const runner = runnerOf(data);
  if (runner !== undefined) for (const line of whatRuns(data, runner, readPlatform(data))) say(line);
  return detach ? 0 : 1;
}

/** Does a run on the platform that runs already; undefined when there is none, or no run is asked for. */
async function onceBeside(
  options: RunOptions,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<number | undefined> {
  const running = options.once ? connectTo(options.data) : undefined;
  if (running === undefined) return undefined;
  await refuseMixing(options);
  say(`Using the platform that runs here (pid ${running.pid}).`);
  return (await doOnce({ ...running, startSeconds: 0 }, options, say, signal)) ? 0 : 1;
}

/** A run beside the schedule fills the same data folder. */
async function refuseMixing({ source, data }: RunOptions): Promise<void> {
  const choice = await chooseSource({ asked: source, held: heldSource(data), unreachable: async () => [] });
  if (!choice.ok) throw new Error(choice.problem);
}

async function startAndRun(
  options: RunOptions,
  programs: Programs,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<number> {
  const choice = await chooseSource({
    asked: options.source,
    held: heldSource(options.data),
    unreachable: () => unreachable(chosenPipelines(options)),
  });
  if (!choice.ok) throw new Error(choice.problem);
  if (choice.note) say(choice.note);
  say(`Starting the path (data folder ${options.data}, logs in ${path.join(options.data, 'logs')}):`);
  const progress = printedProgress(say, logLines(options.data), options.json ? process.stderr : process.stdout);
  const { data, portBase } = options;
  const where = { data, portBase, programs, env: process.env, home: os.homedir(), progress, signal };
  const airflow = options.airflow && !options.once ? chosenPipelines(options) : undefined;
  const up = await startPath({ ...where, source: choice.source, airflow });
  holdSource(options.data, choice.source);
  try {
    return await run(up, options, choice.source, say, signal);
  } finally {
    say('Stopping.');
    await up.stop();
  }
}

async function run(
  up: RunningPath,
  options: RunOptions,
  source: string,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<number> {
  say(readyLine(up.trace));
  if (options.once) {
    const tables = { ...tableAddress(up.ports), ...up.credentials.cassandra.reader };
    const where = { steps: up.steps, tables, startSeconds: up.trace.seconds };
    return (await doOnce(where, { ...options, source: options.source && source }, say, signal)) ? 0 : 1;
  }
  say(`Source: ${source}. Logins: ${up.folder.credentials}.`);
  // Whoever has it in the background is told more by the command that started it.
  if (!options.background) for (const line of [...addresses(up), 'Ctrl-C stops everything.']) say(line);
  await serve(up, chosenPipelines(options), { log: logLines(options.data), isShown: !options.background, signal });
  return 0;
}

/** Undefined, after saying what is missing, when this machine cannot run the path. */
function requirePrograms({ data, check, airflow }: RunOptions): Programs | undefined {
  const cache = cacheFolder(process.env, process.platform, os.homedir());
  const found = checkPrerequisites({ env: process.env, folders: [cache, path.resolve(data)] });
  const { programs } = found;
  const isComplete = programs !== undefined && found.all.every(({ ok }) => ok);
  if (check || !isComplete) {
    const wanted = airflow ? allComponents : components;
    const missing = programs ? missingComponents({ cache, tools: { ...programs, env: process.env } }, wanted) : [];
    console.log(formatPrerequisites(found, missing));
    console.log(formatCache(cache, cacheEntries(cache)));
  }
  return isComplete ? programs : undefined;
}

/** The first signal stops in order; whoever insists ends at once. */
function stopOnSignals(say: (line: string) => void): AbortSignal {
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (stopping.signal.aborted) return;
      say(`\n${name}: stopping (a few seconds).`);
      stopping.abort(new Error(`stopped by ${name}`));
    });
  }
  return stopping.signal;
}

/** What happens by itself goes to a file, so that the status stays readable. */
function logLines(data: string): (line: string) => void {
  let file: ReturnType<typeof createWriteStream> | undefined;
  return (line) => {
    file ??= createWriteStream(path.join(data, 'logs', 'runner.log'), { flags: 'a', mode: 0o600 });
    file.write(`${new Date().toISOString()} ${line}\n`);
  };
}

await endWith(main);
