import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PlayedAws } from './played-aws.ts';

export const root = path.join(import.meta.dirname, '../../..');
const standIn = path.join(import.meta.dirname, 'cdk-stand-in.mjs');

export interface CdkCall {
  readonly verb: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly aws: readonly string[];
}

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly cdk: readonly CdkCall[];
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Once this is printed, what to send. */
  readonly interruptAt?: RegExp;
}

/** A command for AWS as a person runs it, in a shell where AWS and the CDK are played. */
export class Rehearsal {
  readonly aws: PlayedAws;
  readonly #folder = mkdtempSync(path.join(os.tmpdir(), 'millrace-rehearsal-'));
  #count = 0;
  #record = '';

  private constructor(aws: PlayedAws) {
    this.aws = aws;
  }

  static async start(): Promise<Rehearsal> {
    return new Rehearsal(await PlayedAws.start());
  }

  /** How the CDK was called by the newest command, so far. */
  get cdk(): readonly CdkCall[] {
    return existsSync(this.#record) ? callsIn(this.#record) : [];
  }

  async stop(): Promise<void> {
    rmSync(this.#folder, { recursive: true });
    await this.aws.stop();
  }

  run(verb: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
    return this.runAs(verb, ['--rehearse', '--cdk', standIn, ...args], options);
  }

  /** With these arguments and no others; a verb that is a path is a command from elsewhere. */
  async runAs(verb: string, args: readonly string[], { env = {}, interruptAt }: RunOptions = {}): Promise<Ran> {
    this.#count += 1;
    this.#record = path.join(this.#folder, `cdk-${this.#count}`);
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', `${verb.includes('/') ? verb : `infra/commands/${verb}`}.ts`, ...args],
      {
        cwd: root,
        env: {
          PATH: process.env['PATH'],
          TZ: process.env['TZ'],
          ...this.aws.environment(),
          CDK_RECORD: this.#record,
          ...env,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let stdout = '';
    let stderr = '';
    let isInterrupted = false;
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      if (isInterrupted || !interruptAt?.test(stdout)) return;
      isInterrupted = true;
      child.kill('SIGINT');
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const [code] = await once(child, 'close');
    return { code: code as number | null, stdout, stderr, cdk: this.cdk };
  }
}

const callsIn = (record: string) =>
  readFileSync(record, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as CdkCall);

/** Options that the CDK does not know, of those that it was called with; its own help says which it knows. */
export function unknownOptions(calls: readonly CdkCall[]): readonly string[] {
  return calls.flatMap(({ verb, args }) => {
    const help = spawnSync('npx', ['cdk', verb, '--help'], { cwd: root, encoding: 'utf8' }).stdout;
    return args.filter((arg) => arg.startsWith('-') && !new RegExp(`(^|[ ,])${arg}[ ,]`, 'm').test(help));
  });
}
