import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { after, keepStates, statesOf } from '../../local/service-states.ts';
import { writeMark } from '../../local/supervisor/process.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'millrace-states-'));
  mkdirSync(path.join(root, 'run'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const quiet = () => undefined;
const event = (service: string, state: 'starting' | 'healthy' | 'crashed' | 'restarting') => ({
  service,
  state,
  seconds: 0,
});

describe('The states of services', () => {
  it('are found by others, with the process that runs now, until the platform stops', () => {
    const states = keepStates(root, quiet);
    for (const name of ['postgres', 'kafka']) states.note(event(name, 'starting'));
    states.note(event('postgres', 'healthy'));
    writeMark(path.join(root, 'run', 'postgres.pid'), process.pid);
    expect(statesOf(root)).toMatchObject([
      { name: 'postgres', state: 'healthy', pid: process.pid, restarts: 0 },
      { name: 'kafka', state: 'starting', pid: null, restarts: 0 },
    ]);
    states.remove();
    expect(statesOf(root)).toEqual([]);
  });

  it('count restarts, not crashes, and say since when', () => {
    const now = new Date('2026-11-24T17:00:00Z');
    const kept = ['crashed', 'restarting', 'starting', 'healthy'] as const;
    const last = kept.reduce<ReturnType<typeof after> | undefined>(
      (before, state) => after(before, event('kafka', state), now),
      undefined,
    );
    expect(last).toEqual({ name: 'kafka', state: 'healthy', restarts: 1, since: now.toISOString() });
  });

  it('name no process that only has the number of one that died, and leave its file to the runner', () => {
    keepStates(root, quiet).note(event('kafka', 'healthy'));
    writeFileSync(path.join(root, 'run', 'kafka.pid'), JSON.stringify({ pid: process.pid, born: 'long ago' }));
    expect(statesOf(root)).toMatchObject([{ pid: null }]);
    expect(readdirSync(path.join(root, 'run'))).toEqual(['kafka.pid']);
  });

  it('that cannot be kept are told, and end nothing', () => {
    const told: string[] = [];
    keepStates(path.join(root, 'gone'), (line) => told.push(line)).note(event('kafka', 'healthy'));
    expect(told).toEqual([expect.stringMatching(/state of kafka could not be kept: ENOENT/)]);
  });
});
