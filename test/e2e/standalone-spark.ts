import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import path from 'node:path';
import { type SparkHere, sparkEnvironment } from '../infra/stream/spark-as-on-aws.ts';
import { until } from './path.ts';

const host = '127.0.0.1';

export interface Standalone {
  readonly master: string;
  /** Where the worker keeps what its executors were given, a folder per application. */
  readonly work: string;
  stop(): Promise<void>;
}

/** A cluster of one master and one worker: executors are processes of their own, as on EMR. */
export async function startStandalone(here: SparkHere, portBase: number): Promise<Standalone> {
  const work = path.join(here.bucket, 'work');
  const [port, page, workerPort, workerPage] = [0, 1, 2, 3].map((index) => String(portBase + index)) as [
    string,
    string,
    string,
    string,
  ];
  const master = `spark://${host}:${port}`;
  const processes = [
    sparkClass(here, 'master.Master', ['--host', host, '--port', port, '--webui-port', page]),
    sparkClass(here, 'worker.Worker', [
      ...['--host', host, '--port', workerPort, '--webui-port', workerPage],
      ...['--cores', '1', '--memory', '1g', '--work-dir', work, master],
    ]),
  ];
  const stop = async () => void (await Promise.all(processes.reverse().map(end)));
  try {
    await until('a worker of the Spark cluster', 280, () => hasWorker(`http://${host}:${page}/json/`));
  } catch (error) {
    await stop();
    throw error;
  }
  return { master, work, stop };
}

function sparkClass(here: SparkHere, name: string, args: readonly string[]): ChildProcess {
  const log = openSync(path.join(here.bucket, `${name}.log`), 'a');
  return spawn(path.join(here.spark.home, 'bin', 'spark-class'), [`org.apache.spark.deploy.${name}`, ...args], {
    env: sparkEnvironment(here, { SPARK_NO_DAEMONIZE: '1', SPARK_DAEMON_MEMORY: '256m' }),
    stdio: ['ignore', log, log],
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill();
  await exited;
}

async function hasWorker(page: string): Promise<true | undefined> {
  try {
    const { aliveworkers } = (await (await fetch(page)).json()) as { aliveworkers: number };
    return aliveworkers > 0 || undefined;
  } catch {
    return undefined; // It does not listen yet.
  }
}
