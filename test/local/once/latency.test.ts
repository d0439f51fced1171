import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { LatencyProbe } from '../../../local/once/latency.ts';

const visibleAt = (landedAtMs: number, at: number) => ({ landedAtMs, isVisible: async () => Date.now() >= at });

describe('The latency probe', () => {
  it('measures from the landing commit until the row can be read', async () => {
    const probe = new LatencyProbe();
    const now = Date.now();
    probe.watch([visibleAt(now - 100, now), visibleAt(now, now + 100)]);
    // It is seen when it comes, and not only by the last look.
    while (probe.latencies.length < 2) await sleep(10);
    const longest = Date.now() - now + 100;
    const latencies = await probe.stop();
    expect(latencies).toHaveLength(2);
    for (const latency of latencies) {
      expect(latency).toBeGreaterThanOrEqual(100);
      expect(latency).toBeLessThanOrEqual(longest);
    }
  });

  it('takes turns when there is more to watch than it reads in a tick', async () => {
    const probe = new LatencyProbe();
    const now = Date.now();
    probe.watch(Array.from({ length: 100 }, () => visibleAt(now, now)));
    await sleep(300);
    expect(await probe.stop()).toHaveLength(100);
  });

  it('has no latency for what never came', async () => {
    const probe = new LatencyProbe();
    probe.watch([visibleAt(Date.now(), Number.POSITIVE_INFINITY)]);
    await sleep(30);
    expect(await probe.stop()).toEqual([]);
  });

  it('takes a look that fails for one that sees nothing, and looks again', async () => {
    const probe = new LatencyProbe();
    let looks = 0;
    const isVisible = async () => {
      looks += 1;
      if (looks === 1) throw new Error('the server did not answer');
      return true;
    };
    probe.watch([{ landedAtMs: Date.now(), isVisible }]);
    await vi.waitUntil(() => looks === 2, { timeout: 20_000 });
    expect(await probe.stop()).toHaveLength(1);
  });

  it('looks once more at what was waiting when it is stopped', async () => {
    const probe = new LatencyProbe();
    const now = Date.now();
    const stopped = probe.stop();
    probe.watch([visibleAt(now, now)]);
    expect(await stopped).toHaveLength(1);
  });
});
