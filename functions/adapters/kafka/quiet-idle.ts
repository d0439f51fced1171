import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

let isQuiet = false;

/**
 * Stops kafkajs's idle timer (its issue 1751): with nothing waiting it arms itself again for ever, hundreds of times a
 * second, and on newer Node with a negative delay. Harmless to call twice.
 */
export function quietIdleTimers(): void {
  if (isQuiet) return;
  isQuiet = true;
  const schedule = RequestQueue.prototype.scheduleCheckPendingRequests;
  RequestQueue.prototype.scheduleCheckPendingRequests = function scheduleWhenNeeded() {
    if (this.pending.length === 0 && this.throttledUntil <= Date.now()) return;
    schedule.call(this);
  };
}
