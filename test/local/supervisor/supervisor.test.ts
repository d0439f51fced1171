import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { markOf, readMark, writeMark } from '../../../local/supervisor/process.ts';
import type { Service } from '../../../local/supervisor/service.ts';
import type { SupervisorEvent } from '../../../local/supervisor/supervised.ts';
import { type Running, startServices } from '../../../local/supervisor/supervisor.ts';

let folder: string;
let events: SupervisorEvent[];
let running: Running | undefined;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'millrace-supervisor-'));
  events = [];
  running = undefined;
});
afterEach(async () => {
  await running?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A real process; healthy while the one runs that has written its number into `<name>.up`. */
function service(name: string, program: string, more: Partial<Service> = {}): Service {
  const upFile = path.join(folder, `${name}.up`);
  return {
    name,
    dependsOn: [],
    command: process.execPath,
    args: [
      '-e',
      `const up = () => require('fs').writeFileSync(${JSON.stringify(upFile)}, String(process.pid));\n${program}`,
    ],
    env: {},
    cwd: folder,
    logFile: path.join(folder, `${name}.log`),
    pidFile: path.join(folder, `${name}.pid`),
    startSeconds: 50,
    stopSignal: 'SIGTERM',
    stopSeconds: 1,
    prepare: async () => rmSync(upFile, { force: true }),
    health: async () => {
      if (!existsSync(upFile) || !isRunning(Number(readFileSync(upFile, 'utf8')))) {
        throw new Error(`${name} has not said that it is up`);
      }
    },
    ...more,
  };
}

const server = 'up(); setInterval(() => {}, 1000);';
const start = async (...services: Service[]) => {
  running = await startServices(services, { onEvent: (event) => events.push(event) });
};
const states = (name: string) => events.filter((event) => event.service === name).map(({ state }) => state);
const pidOf = (name: string) => Number(readFileSync(path.join(folder, `${name}.up`), 'utf8'));

const isRunning = (pid: number) => markOf(pid) !== undefined;

async function until(what: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 50_000; !what(); await sleep(20)) {
    if (Date.now() > deadline) throw new Error('It did not happen within 50 s.');
  }
}

describe('startServices', { timeout: 300_000 }, () => {
  it('starts a service when those it depends on are healthy, and stops it before them', async () => {
    await start(service('topic', server, { dependsOn: ['landing'] }), service('landing', server));
    await running?.stop();
    const order = events.map(({ service: name, state }) => `${name} ${state}`);
    expect(order.indexOf('landing healthy')).toBeLessThan(order.indexOf('topic preparing'));
    expect(order.indexOf('topic stopped')).toBeLessThan(order.indexOf('landing stopping'));
  });

  it('leaves no process and no pid file', async () => {
    await start(service('landing', server));
    const pid = pidOf('landing');
    expect(isRunning(pid)).toBe(true);
    await running?.stop();
    expect(isRunning(pid)).toBe(false);
    expect(existsSync(path.join(folder, 'landing.pid'))).toBe(false);
  });

  it('kills a service that does not want to stop', async () => {
    await start(service('landing', `process.on('SIGTERM', () => {}); ${server}`));
    const pid = pidOf('landing');
    await running?.stop();
    expect(isRunning(pid)).toBe(false);
  });

  it('provisions before it calls a service healthy, as often as that takes', async () => {
    let calls = 0;
    const provision = async () => {
      calls += 1;
      if (calls < 3) throw new Error('too early');
    };
    await start(service('landing', server, { provision }));
    expect(calls).toBe(3);
  });

  it('says why a service did not start, with the last 20 lines of its log, and stops the others', async () => {
    const failing = service('topic', "for (let i = 1; i <= 30; i += 1) console.log('line ' + i); process.exit(7);");
    const error = await start(service('landing', server), failing).catch((e: Error) => e);
    const { message } = error as Error;
    expect(message).toContain('topic is down: it ended with 7');
    expect(message).toContain('line 11\n');
    expect(message).toContain('line 30');
    expect(message).not.toContain('line 10\n');
    expect(readMark(path.join(folder, 'landing.pid'))).toBeUndefined();
  });

  it('says so when the program is not there', async () => {
    const error = await start(service('topic', '', { command: '/nowhere/java' })).catch((e: Error) => e);
    expect((error as Error).message).toContain('topic is down: spawn /nowhere/java ENOENT');
  });

  it('says what a service that is never healthy answered last', async () => {
    const silent = service('topic', 'setInterval(() => {}, 1000);', { startSeconds: 1 });
    const error = await start(silent).catch((e: Error) => e);
    expect((error as Error).message).toContain('it was not healthy after 1 s: topic has not said that it is up');
  });

  it('gives up a start when asked', async () => {
    const controller = new AbortController();
    const silent = service('topic', 'console.log(process.pid); setInterval(() => {}, 1000);');
    const starting = startServices([silent], { onEvent: (event) => events.push(event), signal: controller.signal });
    await until(() => readMark(silent.pidFile) !== undefined);
    const { pid } = readMark(silent.pidFile) ?? { pid: 0 };
    controller.abort();
    await expect(starting).rejects.toThrow('it was stopped while starting');
    expect(isRunning(pid)).toBe(false);
  });

  it('ends the children that a crashed service left behind', async () => {
    const childFile = path.join(folder, 'child');
    const child = `require('child_process').spawn('sleep', ['60'], { stdio: 'ignore' })`;
    const noted = `require('fs').appendFileSync(${JSON.stringify(childFile)}, ${child}.pid + ' ');`;
    await start(service('landing', `${noted} ${server}`));
    const first = Number(readFileSync(childFile, 'utf8').split(' ')[0]);
    expect(isRunning(first)).toBe(true);
    process.kill(pidOf('landing'), 'SIGKILL');
    await until(() => !isRunning(first));
  });

  it('starts a crashed service again', async () => {
    await start(service('landing', server));
    const first = pidOf('landing');
    process.kill(first, 'SIGKILL');
    await until(() => states('landing').filter((state) => state === 'healthy').length === 2);
    expect(states('landing')).toEqual([
      'preparing',
      'starting',
      'healthy',
      'crashed',
      'restarting',
      'starting',
      'healthy',
    ]);
    expect(pidOf('landing')).not.toBe(first);
  });

  it('ends a server that hangs, and starts it again', async () => {
    const one = service('landing', server);
    let isHanging = false;
    const health = async () => {
      if (isHanging && states('landing').at(-1) === 'healthy') throw new Error('it hangs');
      await one.health();
    };
    const watch = { everyMs: 50, mostMisses: 2 };
    running = await startServices([{ ...one, health }], { onEvent: (event) => events.push(event), watch });
    const first = pidOf('landing');
    process.kill(first, 'SIGSTOP');
    isHanging = true;
    await until(() => states('landing').includes('silent'));
    isHanging = false;
    await until(() => states('landing').filter((state) => state === 'healthy').length === 2);
    expect(isRunning(first)).toBe(false);
    expect(events.find(({ state }) => state === 'silent')?.detail).toBe('no answer 3 times in a row: it hangs');
  });

  it('forgives a server that misses now and then', async () => {
    const one = service('landing', server);
    let calls = 0;
    const health = async () => {
      calls += 1;
      if (calls > 1 && calls % 3 !== 0) throw new Error('busy');
      await one.health();
    };
    const watch = { everyMs: 10, mostMisses: 2 };
    running = await startServices([{ ...one, health }], { onEvent: (event) => events.push(event), watch });
    await until(() => calls > 12);
    expect(states('landing')).toEqual(['preparing', 'starting', 'healthy']);
  });

  it('does not start a crashed service again once it shall stop', async () => {
    await start(service('landing', server));
    process.kill(pidOf('landing'), 'SIGKILL');
    await until(() => states('landing').includes('restarting'));
    await running?.stop();
    await sleep(1200);
    expect(states('landing').slice(-1)).toEqual(['restarting']);
  });

  it('ends what a killed runner left behind before it starts anything', async () => {
    const leftover = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true });
    const one = service('landing', server);
    writeMark(one.pidFile, leftover.pid as number);
    let aliveBefore: boolean | undefined;
    const prepare = async () => {
      aliveBefore = isRunning(leftover.pid as number);
      await one.prepare();
    };
    await start({ ...one, prepare });
    expect(aliveBefore).toBe(false);
  });

  it('leaves alone a stranger who got the number of a dead service', async () => {
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const one = service('landing', server);
    writeMark(one.pidFile, stranger.pid as number);
    const mark = JSON.parse(readFileSync(one.pidFile, 'utf8'));
    writeFileSync(one.pidFile, JSON.stringify({ ...mark, born: 'before' }));
    await start(one);
    expect(isRunning(stranger.pid as number)).toBe(true);
    stranger.kill('SIGKILL');
    await once(stranger, 'exit');
  });

  it('keeps the log of the start before', async () => {
    const one = service('landing', `console.log('hello'); ${server}`);
    await start(one);
    await running?.stop();
    await start(one);
    expect(readFileSync(`${one.logFile}.1`, 'utf8')).toBe('hello\n');
  });
});
