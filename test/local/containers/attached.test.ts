import { afterEach, describe, expect, it } from 'vitest';
import { attach } from '../../../local/containers/attached.ts';
import type { SupervisorEvent } from '../../../local/supervisor/supervised.ts';
import type { Running } from '../../../local/supervisor/supervisor.ts';

const events: SupervisorEvent[] = [];
const told = () => events.map(({ state, detail }) => (detail === undefined ? state : `${state}: ${detail}`));
let running: Running | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
  events.length = 0;
});

const server = (health: () => Promise<void>, provision = async () => undefined, startSeconds = 60) => ({
  name: 'kafka',
  startSeconds,
  provision,
  health,
});
const attaching = {
  onEvent: (event: SupervisorEvent) => void events.push(event),
  signal: new AbortController().signal,
};

describe('Servers that somebody else starts', () => {
  it('are waited for, and are given their users each time until they answer', async () => {
    const asked: string[] = [];
    const health = async () => {
      asked.push('health');
      if (asked.length < 4) throw new Error('too early');
    };
    const provision = async () => void asked.push('provision');
    running = await attach([server(health, provision)], attaching);
    expect(asked).toEqual(['provision', 'health', 'provision', 'health']);
    expect(told()).toEqual(['healthy']);
  });

  it('are given up after their time, with what was wrong last', async () => {
    const health = () => Promise.reject(new Error('no answer'));
    await expect(attach([server(health, undefined, 1)], attaching)).rejects.toThrow(
      'kafka was not healthy after 1 s: no answer',
    );
  });

  it('are told of when they are silent, once, and when they are back', async () => {
    let isUp = true;
    let asked = 0;
    const health = async () => {
      asked += 1;
      if (!isUp) throw new Error('no answer');
    };
    running = await attach([server(health)], attaching);
    isUp = false;
    await expect.poll(() => asked, { timeout: 50_000 }).toBeGreaterThan(2);
    isUp = true;
    await expect.poll(told, { timeout: 50_000 }).toEqual(['healthy', 'silent: no answer', 'healthy']);
  });
});
