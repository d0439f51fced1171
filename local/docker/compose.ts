import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Ports } from '../ports.ts';

export const composeFile = path.join(import.meta.dirname, '..', 'compose.yaml');

const linesShown = 20;

/** A data folder's containers: one project of Compose, with volumes of its own. */
export class Compose {
  readonly #words: readonly string[];
  readonly #env: NodeJS.ProcessEnv | undefined;

  /** With the environment of this process unless said. */
  constructor(folderId: string, env?: NodeJS.ProcessEnv) {
    this.#words = ['compose', '--project-name', `millrace-${folderId}`, '--file', composeFile, '--progress', 'plain'];
    this.#env = env;
  }

  /** What somebody types to ask a running container. */
  exec(service: string): readonly string[] {
    return ['docker', ...this.#words.slice(0, 5), 'exec', service];
  }

  /** Makes and starts them, our image first, from the sources as they are; each when those it needs are healthy; ends when the last has been started. */
  up(profiles: readonly string[], onLine: (line: string) => void, signal: AbortSignal): Promise<void> {
    return this.#run(
      [
        ...profiles.flatMap((name) => ['--profile', name]),
        'up',
        '--detach',
        '--remove-orphans',
        ...(this.#builds() ? ['--build'] : []),
      ],
      onLine,
      signal,
    );
  }

  /** Stops and removes the containers and their network; their volumes stay unless said. */
  async down(onLine: (line: string) => void, { volumes }: { readonly volumes: boolean }): Promise<void> {
    await this.#run(['--profile', 'full', 'down', '--remove-orphans', ...(volumes ? ['--volumes'] : [])], onLine);
  }

  /** The last lines of a service, also of one that has ended. */
  async lastLines(service: string): Promise<readonly string[]> {
    const lines: string[] = [];
    await this.#run(['logs', '--no-color', '--no-log-prefix', '--tail', String(linesShown), service], (line) => {
      lines.push(line);
    });
    return lines;
  }

  /** Writes what the servers say and have said into a file each, until the returned function is called. */
  followLogs(fileOf: (service: string) => string): () => void {
    const child = spawn('docker', [...this.#words, 'logs', '--follow', '--no-color'], this.#options());
    if (child.stdout)
      createInterface(child.stdout).on('line', (line) => {
        const [, service, text] = /^(\S+)-\d+\s+\| ?(.*)$/.exec(line) ?? [];
        if (service !== undefined && service !== 'millrace')
          appendFileSync(fileOf(service), `${text}\n`, { mode: 0o600 });
      });
    return () => void child.kill();
  }

  /** An image that somebody chose is taken as it is. */
  #builds(): boolean {
    return !this.#env?.['MILLRACE_IMAGE'];
  }

  #options() {
    // A group of its own: Ctrl-C in the terminal is the runner's business, which stops the containers in order.
    return { env: this.#env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'] };
  }

  #run(args: readonly string[], onLine: (line: string) => void, signal?: AbortSignal): Promise<void> {
    const child = spawn('docker', [...this.#words, ...args], this.#options());
    const stop = () => void child.kill('SIGINT');
    signal?.addEventListener('abort', stop, { once: true });
    return ended(child, onLine).finally(() => signal?.removeEventListener('abort', stop));
  }
}

function ended(child: ChildProcess, onLine: (line: string) => void): Promise<void> {
  const said: string[] = [];
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface(stream).on('line', (line) => {
        said.push(line);
        said.splice(0, said.length - linesShown);
        onLine(line);
      });
    }
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else
        reject(
          new Error(
            [`docker compose ended with ${code}. Its last lines:`, ...said.map((line) => `  ${line}`)].join('\n'),
          ),
        );
    });
  });
}

/** The variables of compose.yaml for a range of ports. */
export function portVariables(ports: Ports): Record<string, string> {
  const { postgres, kafka, registry, cassandra, aws, airflow, sparkUi, kafkaUi } = ports;
  const published = {
    POSTGRES_PORT: postgres,
    KAFKA_PORT: kafka,
    REGISTRY_PORT: registry,
    CASSANDRA_PORT: cassandra,
    AWS_PORT: aws,
    AIRFLOW_PORT: airflow,
    SPARK_UI_PORT: sparkUi,
    KAFKA_UI_PORT: kafkaUi,
    MILLRACE_PORT_BASE: postgres,
  };
  return Object.fromEntries(Object.entries(published).map(([name, port]) => [name, String(port)]));
}

/** Images that somebody chose instead of the official ones: the first thing to look at when one cannot be had. */
export const imageOverrides = (env: NodeJS.ProcessEnv): readonly string[] =>
  Object.entries(env).flatMap(([name, value]) => (/^[A-Z_]+_IMAGE$/.test(name) && value ? [`${name}=${value}`] : []));
