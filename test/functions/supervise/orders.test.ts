import { describe, expect, it } from 'vitest';
import { carryOutOrder, type Loss, lossWithout, type Order, type Orders } from '../../../functions/supervise/orders.ts';

const pipeline = 'a-pipeline';
const who = 'somebody';
const hole = { partition: 1, from: 10, until: 20 };
const other = { partition: 2, from: 5, until: 6 };
const expired: Loss = { reason: 'expired', holes: [hole, other] };

/** A pipeline on file, and what was done to it. */
function onFile(desired: 'running' | 'stopped' = 'running', loss: Loss | null = null) {
  const done: unknown[] = [];
  const orders: Orders = {
    standing: async (name) => (name === pipeline ? { desired, loss } : undefined),
    desire: async (_, wanted, left) => void done.push(['desire', wanted, left]),
    acceptLoss: async ({ partition, from, until }, left) => void done.push(['lost', partition, from, until, left]),
  };
  return { orders, done };
}

const accept = (more: Partial<typeof hole> & { because?: string } = {}): Order => ({
  do: 'accept_loss',
  pipeline,
  who,
  because: 'the topic was emptied by hand',
  ...hole,
  ...more,
});

describe('An order to stop or to start', () => {
  it.each([
    ['stops what runs', 'running', 'stop', 'stopped', true],
    ['starts what stands', 'stopped', 'start', 'running', true],
    ['leaves alone what is stopped already', 'stopped', 'stop', undefined, false],
    ['leaves alone what runs already', 'running', 'start', undefined, false],
  ] as const)('%s', async (_, desired, what, becomes, changed) => {
    const { orders, done } = onFile(desired);
    expect(await carryOutOrder(orders, { do: what, pipeline, who })).toEqual({ order: what, changed, left: null });
    expect(done).toEqual(becomes === undefined ? [] : [['desire', becomes, null]]);
  });

  it('keeps a loss that is still to be accepted', async () => {
    const { orders, done } = onFile('stopped', expired);
    expect(await carryOutOrder(orders, { do: 'start', pipeline, who })).toMatchObject({ left: expired });
    expect(done).toEqual([['desire', 'running', expired]]);
  });

  it('has supervise look again where the job reported a loss and nobody knows where', async () => {
    const { orders, done } = onFile('running', { reason: 'reported' });
    expect(await carryOutOrder(orders, { do: 'start', pipeline, who })).toEqual({
      order: 'start',
      changed: true,
      left: null,
    });
    expect(done).toEqual([['desire', 'running', null]]);
  });

  it('refuses a pipeline that nobody knows', async () => {
    const { orders } = onFile();
    await expect(carryOutOrder(orders, { do: 'stop', pipeline: 'another', who })).rejects.toThrow(
      /another: expected one/,
    );
  });
});

describe('An order to accept a loss', () => {
  it('counts the hole as lost and says what is left', async () => {
    const { orders, done } = onFile('running', expired);
    const left = { reason: 'expired', holes: [other] };
    expect(await carryOutOrder(orders, accept())).toEqual({ order: 'accept_loss', changed: true, left });
    expect(done).toEqual([['lost', 1, 10, 20, left]]);
  });

  it('leaves nothing once the last hole is accepted', () => {
    expect(lossWithout({ reason: 'expired', holes: [hole] }, hole)).toBeNull();
  });

  it.each<[string, Loss | null, Order, RegExp]>([
    ['of a pipeline that lost nothing', null, accept(), /got a pipeline that has lost nothing/],
    ['of more than was reported', expired, accept({ until: 21 }), /expected one of the holes that were reported/],
    ['of part of a hole', expired, accept({ from: 11 }), /expected one of the holes that were reported/],
    ['of another partition', expired, accept({ partition: 0 }), /expected one of the holes that were reported/],
    ['of a topic that was made anew', { reason: 'truncated', holes: [hole] }, accept(), /made anew/],
    ['without a reason', expired, accept({ because: 'ok' }), /expected a reason of a sentence/],
  ])('refuses one %s', async (_, loss, asked, message) => {
    const { orders, done } = onFile('running', loss);
    await expect(carryOutOrder(orders, asked)).rejects.toThrow(message);
    expect(done).toEqual([]);
  });
});
