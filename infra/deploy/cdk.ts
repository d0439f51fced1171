import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { Interrupted } from '../verb/end.ts';
import type { StageOptions } from '../verb/stage.ts';

/** Runs the CDK's command on a stage: `cdk('deploy', '--all')`. Throws when it fails. */
export type Cdk = (verb: string, ...args: readonly string[]) => Promise<void>;

export interface CdkOptions extends StageOptions {
  readonly env: NodeJS.ProcessEnv;
  /** The checkout whose app it runs. */
  readonly cwd?: string | undefined;
  /** What runs in its place, in a rehearsal. */
  readonly program?: string | undefined;
  /** Its own words go there where the answer is for programs. */
  readonly output?: 'stdout' | 'stderr';
}

/** The CDK's command as npm installed it. */
export const installedCdk = () => createRequire(import.meta.url).resolve('aws-cdk/bin/cdk');

export function cdkOn({ stage, context, env, cwd, program, output = 'stdout' }: CdkOptions): Cdk {
  const settings = Object.entries({ stage, ...context }).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  return (verb, ...args) =>
    run([program ?? installedCdk(), verb, ...args, ...settings], {
      env,
      ...(cwd === undefined ? {} : { cwd }),
      stdio: ['inherit', output === 'stdout' ? 'inherit' : process.stderr, 'inherit'],
    });
}

function run(args: readonly string[], options: Parameters<typeof spawn>[2]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, options);
    let wasInterrupted = false;
    // At a terminal Ctrl-C reaches both of us. We wait for it to end, so that the last word is ours.
    const interrupt = (signal: NodeJS.Signals) => {
      wasInterrupted = true;
      if (!process.stdin.isTTY || signal !== 'SIGINT') child.kill(signal);
    };
    process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      if (wasInterrupted) reject(new Interrupted(interrupted));
      else if (code === 0) resolve();
      else reject(new Error(`cdk ${args[1]} ended with ${code ?? signal}, expected 0; what it says above is why`));
    });
  });
}

const interrupted =
  'Interrupted. What CloudFormation has begun it goes on with; the same command takes it up again when it is done.';
