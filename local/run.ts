import { createWriteStream } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pipelineNamed, pipelines } from '../streaming/pipelines/index.ts';
import { connectTo } from './commands/connect.ts';
import { endWith } from './commands/end.ts';
import { doOnce } from './commands/once.ts';
import { serve } from './commands/serve.ts';
import { heldSource, holdSource, isReachable } from './held-source.ts';
import { cacheFolder } from './install/cache.ts';
import { missingComponents } from './install/install.ts';
import { parseRunOptions, type RunOptions, swallowedByNpm } from './options.ts';
import { checkPrerequisites, formatPrerequisites, type Programs } from './prerequisites.ts';
import { chooseSource } from './source-choice.ts';
import { printedProgress } from './start/progress.ts';
import { tableAddress } from './start/secrets.ts';
import { type RunningPath, startPath } from './start/start.ts';

/** `npm run local`: the whole path on this machine. */
async function main(): Promise<number> {
  const swallowed = swallowedByNpm(process.env, 'local');
  if (swallowed) {
    console.error(swallowed);
    return 2;
  }
  const options = parseRunOptions(process.argv.slice(2));
  // With --json standard output belongs to the verdict.
  const say = options.json ? (line: string) => console.error(line) : (line: string) => console.log(line);
  const programs = requirePrograms(options);
  if (programs === undefined) return 1;
  if (options.check) return 0;

  const stopping = stopOnSignals(say);
  const running = connectTo(options.data);
  if (running !== undefined && options.once) {
    await refuseMixing(options);
    say(`Using the platform that runs here (pid ${running.pid}).`);
    return (await doOnce({ ...running, startSeconds: 0 }, options, say, stopping)) ? 0 : 1;
  }
  return startAndRun(options, programs, say, stopping);
}

/** A run beside the schedule fills the same data folder. */
async function refuseMixing({ source, data }: RunOptions): Promise<void> {
  const choice = await chooseSource({ asked: source, held: heldSource(data), reachable: async () => true });
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
    reachable: async () => isReachable(chosen(options)[0]?.source.url ?? ''),
  });
  if (!choice.ok) throw new Error(choice.problem);
  if (choice.note) say(choice.note);
  say(`Starting the path (data folder ${options.data}, logs in ${path.join(options.data, 'logs')}):`);
  const progress = printedProgress(say, logLines(options.data));
  const { data, portBase } = options;
  const where = { data, portBase, programs, env: process.env, home: os.homedir(), progress, signal };
  const up = await startPath({ ...where, source: choice.source });
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
  say(`Ready after ${up.seconds.toFixed(1)} s.`);
  if (options.once) {
    const tables = { ...tableAddress(up.ports), ...up.credentials.cassandra.reader };
    const where = { steps: up.steps, tables, startSeconds: up.seconds };
    return (await doOnce(where, { ...options, source: options.source && source }, say, signal)) ? 0 : 1;
  }
  const { ports } = up;
  say(`Source: ${source}. Schemas: http://127.0.0.1:${ports.registry}/ui/  Ctrl-C stops everything.`);
  say(
    `PostgreSQL 127.0.0.1:${ports.postgres}, Kafka 127.0.0.1:${ports.kafka}, Cassandra 127.0.0.1:${ports.cassandra}; logins: ${up.folder.credentials}`,
  );
  await serve(up, chosen(options), logLines(options.data), signal);
  return 0;
}

function chosen(options: RunOptions) {
  return options.pipeline.length > 0 ? options.pipeline.map(pipelineNamed) : pipelines;
}

/** Undefined, after saying what is missing, when this machine cannot run the path. */
function requirePrograms({ data, check }: RunOptions): Programs | undefined {
  const cache = cacheFolder(process.env, process.platform, os.homedir());
  const found = checkPrerequisites({ env: process.env, folders: [cache, path.resolve(data)] });
  const { programs } = found;
  const isComplete = programs !== undefined && found.all.every(({ ok }) => ok);
  if (check || !isComplete) {
    const tools = { ...programs, env: process.env };
    console.log(
      formatPrerequisites(found, programs ? missingComponents({ cache, tools: { ...tools, ...programs } }) : []),
    );
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
