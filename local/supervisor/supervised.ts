import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fullDisk } from '../disk.ts';
import { afterExit, type Verdict, verdict } from './decide.ts';
import { endProcess, send } from './end-process.ts';
import { lastLines, rotate } from './log-file.ts';
import { markOf, readMark, writeMark } from './process.ts';
import type { Service } from './service.ts';

export interface SupervisorEvent {
  readonly service: string;
  readonly state:
    | 'preparing'
    | 'starting'
    | 'healthy'
    | 'silent'
    | 'crashed'
    | 'restarting'
    | 'failed'
    | 'stopping'
    | 'stopped';
  /** Since the start or the stop began. */
  readonly seconds: number;
  readonly detail?: string;
}

const pollMs = 200;
/** A healthy server is asked so often, and so many times in a row it may not answer: a busy machine is no crash. */
const watch = { everyMs: 10_000, mostMisses: 6 };
const linesShown = 20;

/** One service with its process: what is wanted of it, and what it does. The only place that starts servers. */
export class Supervised {
  readonly service: Service;
  readonly #onEvent: (event: SupervisorEvent) => void;
  readonly #watching: typeof watch;
  readonly #crashes: number[] = [];
  /** Aborted: wanted down. */
  readonly #stopping = new AbortController();
  #child: ChildProcess | undefined;
  #since = performance.now();

  constructor(service: Service, onEvent: (event: SupervisorEvent) => void, watching = watch) {
    this.service = service;
    this.#onEvent = onEvent;
    this.#watching = watching;
  }

  /** Ends the process that a runner left behind which was killed itself. */
  async endLeftover(): Promise<void> {
    const leftover = readMark(this.service.pidFile);
    if (leftover) await endProcess(leftover, this.service.stopSignal, this.service.stopSeconds);
  }

  /** Starts and waits until the service is healthy. */
  async start(): Promise<void> {
    this.#since = performance.now();
    this.#say('preparing');
    await this.service.prepare();
    rotate(this.service.logFile);
    await this.#launch();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    const running = this.#child?.pid === undefined ? undefined : markOf(this.#child.pid);
    if (!running) return;
    this.#since = performance.now();
    this.#say('stopping');
    await endProcess(running, this.service.stopSignal, this.service.stopSeconds);
    rmSync(this.service.pidFile, { force: true });
    this.#say('stopped');
  }

  /** Ends a start or a restart that is under way; a healthy server stays until stop(). */
  giveUp(): void {
    this.#stopping.abort();
  }

  /** For a runner that is exiting and cannot wait any more. */
  signalNow(): void {
    this.#stopping.abort();
    if (this.#child?.pid !== undefined && this.#observed() === 'runs') send(this.#child.pid, this.service.stopSignal);
  }

  async #launch(): Promise<void> {
    this.#stopping.signal.throwIfAborted();
    this.#since = performance.now();
    this.#say('starting');
    const child = this.#spawn();
    try {
      await this.#untilHealthy(child);
    } catch (cause) {
      await this.#end(child);
      throw this.#failure(cause);
    }
    // From here on an exit is a crash.
    child.once('exit', (code, signal) => this.#left(child, `ended with ${code ?? signal}`));
    if (this.#observed() === 'gone') return this.#crashed('ended as soon as it was healthy');
    this.#say('healthy');
    void this.#watch(child);
  }

  #spawn(): ChildProcess {
    const { command, args, env, cwd, runAs, logFile, pidFile } = this.service;
    const log = openSync(logFile, 'a', 0o600);
    // A group of its own: Ctrl-C in the terminal reaches the runner alone, which stops the servers in order.
    const child = spawn(command, args, { env, cwd, ...runAs, detached: true, stdio: ['ignore', log, log] });
    closeSync(log);
    this.#child = child;
    if (child.pid !== undefined) writeMark(pidFile, child.pid);
    return child;
  }

  async #untilHealthy(child: ChildProcess): Promise<void> {
    const ended = new Promise<never>((_, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => reject(new Error(`it ended with ${code ?? signal}`)));
    });
    const deadline = performance.now() + this.service.startSeconds * 1000;
    await Promise.race([ended, this.#poll(deadline, ended)]);
  }

  /** Asks until the service answers; a server that starts has every right to refuse for a while. */
  async #poll(deadline: number, ended: Promise<never>): Promise<void> {
    for (let last: unknown = new Error('it was not asked yet'); ; ) {
      const now = this.#judge(last === undefined, performance.now() > deadline);
      if (now === 'healthy') return;
      if (now === 'gone') return ended;
      if (now !== 'wait') throw new Error(this.#tooLate(now, last), { cause: last });
      last = await this.#ask({ provision: true });
      if (last !== undefined) await sleep(pollMs);
    }
  }

  /** Looks after a healthy server: one that hangs ends, and what follows is as after a crash. */
  async #watch(child: ChildProcess): Promise<void> {
    for (let misses = 0; ; ) {
      await sleep(this.#watching.everyMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      if (this.#child !== child || this.#judge(false, false) !== 'wait') return;
      const problem = await this.#ask({ provision: false });
      misses = problem === undefined ? 0 : misses + 1;
      if (this.#judge(problem === undefined, misses > this.#watching.mostMisses) !== 'silent') continue;
      this.#say('silent', `no answer ${misses} times in a row: ${messageOf(problem)}`);
      return this.#end(child);
    }
  }

  /** What is wrong; undefined when the server answers. */
  async #ask({ provision }: { provision: boolean }): Promise<unknown> {
    try {
      if (provision) await this.service.provision?.();
      await this.service.health();
      return undefined;
    } catch (error) {
      return error;
    }
  }

  #judge(answers: boolean, isOverdue: boolean): Verdict {
    return verdict({ wanted: this.#wanted(), process: this.#observed(), answers, isOverdue });
  }

  #tooLate(now: Verdict, last: unknown): string {
    if (now === 'unwanted') return 'it was stopped while starting';
    return `it was not healthy after ${this.service.startSeconds} s: ${messageOf(last)}`;
  }

  /** Its children must not work on beside those of the next one. */
  #left({ pid }: ChildProcess, detail: string): void {
    if (pid !== undefined) send(-pid, 'SIGKILL');
    this.#crashed(detail);
  }

  #crashed(detail: string): void {
    const wanted = this.#wanted();
    if (wanted === 'up') {
      this.#crashes.push(Date.now());
      this.#say('crashed', detail);
    }
    const decision = afterExit({ wanted, crashes: this.#crashes });
    if (decision.action === 'give-up') this.#say('failed', this.#failure(new Error(decision.because)).message);
    if (decision.action === 'restart') void this.#restart(decision.afterMs);
  }

  async #restart(afterMs: number): Promise<void> {
    this.#say('restarting', `in ${afterMs / 1000} s`);
    try {
      await sleep(afterMs, undefined, { signal: this.#stopping.signal });
      await this.#launch();
    } catch (error) {
      this.#crashed(messageOf(error));
    }
  }

  async #end(child: ChildProcess): Promise<void> {
    const running = child.pid === undefined ? undefined : markOf(child.pid);
    if (running) await endProcess(running, this.service.stopSignal, this.service.stopSeconds);
    rmSync(this.service.pidFile, { force: true });
  }

  #wanted(): 'up' | 'down' {
    return this.#stopping.signal.aborted ? 'down' : 'up';
  }

  #observed(): 'runs' | 'gone' {
    const child = this.#child;
    return child?.pid !== undefined && child.exitCode === null && child.signalCode === null ? 'runs' : 'gone';
  }

  #failure(cause: unknown): Error {
    const { name, logFile } = this.service;
    const lines = lastLines(logFile, linesShown).map((line) => `  ${line}`);
    const disk = fullDisk([path.dirname(logFile)]);
    const said = [`${name} is down: ${messageOf(cause)}. The end of ${logFile}:`, ...lines];
    return new Error([...(disk === undefined ? [] : [disk]), ...said].join('\n'), { cause });
  }

  #say(state: SupervisorEvent['state'], detail?: string): void {
    const seconds = (performance.now() - this.#since) / 1000;
    this.#onEvent({ service: this.service.name, state, seconds, ...(detail !== undefined && { detail }) });
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
