import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { cacheFolder } from '../../local/install/cache.ts';
import { installLocalStack } from '../../local/install/localstack.ts';
import { runTool } from '../../local/install/tool.ts';
import { freePort } from '../../local/ports.ts';
import { onlyPython } from '../../local/prerequisites.ts';
import { installedCdk } from '../deploy/cdk.ts';
import { startLocalStack } from '../rehearse/localstack.ts';
import { type RehearsePorts, rehearse } from '../rehearse/rehearse.ts';
import { reportText } from '../rehearse/report.ts';
import { endWith, Interrupted } from '../verb/end.ts';
import { chosenConfig, type StageOptions, stageCommand } from '../verb/stage.ts';

interface RehearseOptions extends StageOptions {
  readonly json: boolean;
}

const what =
  'Rehearses cdk deploy without an account: LocalStack makes the secrets, topics, queues and buckets of the stage, and ' +
  'takes them away again. Says of everything else that it was not rehearsed. About two minutes.';

const command = stageCommand('rehearse', what, 'dev')
  .option('--json', 'one JSON object at the end', false)
  .action((options: RehearseOptions) => endWith(() => run(options)));

const checkout = path.join(import.meta.dirname, '../..');

async function run(options: RehearseOptions): Promise<number> {
  const config = chosenConfig(options);
  Object.assign(process.env, quiet);
  const say = options.json ? console.error : console.log;
  const signal = untilInterrupted();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'millrace-rehearse-'));
  const seconds: Record<string, number> = {};
  try {
    const python = await localStackPython(say, signal);
    const rehearsed = await rehearse(config, portsOf(options, { python, folder, signal, say, seconds }));
    const { templates: _, ...report } = rehearsed;
    if (options.json) console.log(JSON.stringify({ stage: config.stage, seconds, ...report }));
    else console.log(reportText(config.stage, rehearsed));
    return 0;
  } catch (error) {
    throw signal.aborted ? new Interrupted('Interrupted. LocalStack has ended, and nothing is left of it.') : error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Running {
  readonly python: string;
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** How long each step took. */
  readonly seconds: Record<string, number>;
}

function portsOf({ stage, context }: StageOptions, { python, folder, signal, say, seconds }: Running): RehearsePorts {
  return {
    folder,
    settings: Object.entries({ stage, ...context }).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
    cdk:
      (aws) =>
      (...args) =>
        runTool({
          command: process.execPath,
          args: [installedCdk(), ...args],
          env: { ...withoutAws(process.env), ...aws, HOME: folder },
          cwd: checkout,
          signal,
        }),
    start: async () => {
      const port = await freePort(26_200);
      return startLocalStack({ python, folder: path.join(folder, 'localstack'), port, env: process.env, signal });
    },
    step: async (name, work) => {
      signal.throwIfAborted();
      const started = performance.now();
      const done = await work();
      seconds[name] = Math.round((performance.now() - started) / 100) / 10;
      say(`ok  ${name.padEnd(10)} ${seconds[name]?.toFixed(1).padStart(5)} s`);
      return done;
    },
  };
}

/** Whoever is known to AWS in this shell has no part in it. */
function withoutAws(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const others = Object.entries(env).filter(([name]) => !name.startsWith('AWS_'));
  return { ...Object.fromEntries(others), ...quiet };
}

const quiet = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', CDK_DISABLE_CLI_TELEMETRY: 'true' };

async function localStackPython(say: (line: string) => void, signal: AbortSignal): Promise<string> {
  return installLocalStack({
    cache: cacheFolder(process.env, process.platform, os.homedir()),
    tools: { ...onlyPython(process.env), env: process.env, signal },
    onDownload: (megabytes) => say(`LocalStack is installed once, about ${megabytes} MB; a minute or two.`),
  });
}

function untilInterrupted(): AbortSignal {
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stopping.abort());
  return stopping.signal;
}

await command.parseAsync();
