import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import { expect, it, vi } from 'vitest';
import { quietIdleTimers } from '../../../../functions/adapters/kafka/quiet-idle.ts';

quietIdleTimers();
quietIdleTimers();

const timersOf = (queue: object) => {
  const set = vi.spyOn(globalThis, 'setTimeout').mockReturnValue(0 as never);
  RequestQueue.prototype.scheduleCheckPendingRequests.call(queue as RequestQueue);
  const count = set.mock.calls.length;
  set.mockRestore();
  return count;
};

it.each([
  ['sets no timer while nothing waits', { pending: [], throttledUntil: 0 }, 0],
  ['sets one when a request waits', { pending: [{}], throttledUntil: 0 }, 1],
  ['sets one while the broker asks for patience', { pending: [], throttledUntil: Date.now() + 60_000 }, 1],
])('%s', (_what, queue, timers) => {
  expect(timersOf(queue)).toBe(timers);
});
