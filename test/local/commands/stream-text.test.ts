import { describe, expect, it } from 'vitest';
import type { Loss, Order } from '../../../functions/supervise/orders.ts';
import { orderLines, standingLines } from '../../../local/commands/stream-text.ts';

const pipeline = 'a-pipeline';
const who = 'somebody';
const loss: Loss = {
  reason: 'expired',
  holes: [
    { partition: 0, from: 0, until: 7 },
    { partition: 2, from: 5, until: 6 },
  ],
};
const standing = { pipeline, desired: 'running', data_loss: null, running_generation: 3, lag: 12 };

describe('npm run stream', () => {
  it.each<[string, Order, boolean, RegExp]>([
    ['stopped', { do: 'stop', pipeline, who }, true, /stopped; .* until npm run stream -- start a-pipeline/],
    ['started', { do: 'start', pipeline, who }, true, /started; the next generation/],
    ['neither', { do: 'stop', pipeline, who }, false, /nothing to do/],
    [
      'gone on behind a hole',
      { do: 'accept_loss', pipeline, who, because: 'x', partition: 0, from: 0, until: 7 },
      true,
      /partition 0, offsets \[0, 7\) count as lost/,
    ],
  ])('says that a pipeline has %s', (_, order, changed, says) => {
    expect(orderLines(order, { order: order.do, changed, left: null }).join('\n')).toMatch(says);
  });

  it('names the command for each hole that is still to be accepted', () => {
    const lines = orderLines({ do: 'start', pipeline, who }, { order: 'start', changed: true, left: loss });
    expect(lines.slice(1)).toEqual([
      expect.stringContaining('accept-loss a-pipeline --partition 0 --from 0 --until 7 --because'),
      expect.stringContaining('accept-loss a-pipeline --partition 2 --from 5 --until 6 --because'),
    ]);
  });

  it.each([
    ['hosted', standing, /hosted by generation 3, lag 12/],
    ['waiting', { ...standing, running_generation: null }, /waits for the job, lag 12/],
    ['stopped', { ...standing, desired: 'stopped' }, /stopped by an operator.*stream -- start/],
    ['left out for holes', { ...standing, data_loss: loss }, /left out[\s\S]*accept-loss/],
    [
      'left out, nobody knows where',
      { ...standing, data_loss: { reason: 'reported' } },
      /look where: npm run stream -- start/,
    ],
    ['left out for good', { ...standing, data_loss: { reason: 'truncated', holes: [] } }, /made anew/],
  ])('tells how a pipeline stands that is %s', (_, each, says) => {
    expect(standingLines(each).join('\n')).toMatch(says);
  });
});
