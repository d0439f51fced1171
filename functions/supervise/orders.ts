import { z } from 'zod';
import { PipelineError } from '../../streaming/errors.ts';

/** What a person may want of a pipeline's stream. Every order is kept with who gave it and why. */
export const order = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.enum(['stop', 'start']),
    pipeline: z.string(),
    who: z.string(),
    because: z.string().optional(),
  }),
  z.strictObject({
    do: z.literal('accept_loss'),
    pipeline: z.string(),
    who: z.string(),
    because: z.string(),
    partition: z.int().nonnegative(),
    from: z.int().nonnegative(),
    until: z.int().positive(),
  }),
]);

export type Order = z.infer<typeof order>;
type AcceptLoss = Extract<Order, { do: 'accept_loss' }>;

/** A hole in the topic as supervise or the stream reported it; without `holes` nobody has looked where it is yet. */
export interface Loss {
  readonly reason: string;
  readonly holes?: readonly { readonly partition: number; readonly from: number; readonly until: number }[];
}

/** Orders on file. Each is one transaction with the note of who gave it. */
export interface Orders {
  /** The pipeline as it stands; undefined when it is unknown. */
  standing(
    pipeline: string,
  ): Promise<{ readonly desired: 'running' | 'stopped'; readonly loss: Loss | null } | undefined>;
  desire(order: Order, desired: 'running' | 'stopped', loss: Loss | null): Promise<void>;
  /** Counts the offsets as lost for good; `left` is what of the loss is still to be accepted, null when nothing is. */
  acceptLoss(order: AcceptLoss, left: Loss | null): Promise<void>;
}

export interface OrderAnswer {
  readonly order: Order['do'];
  /** Whether anything is otherwise than before. */
  readonly changed: boolean;
  /** Holes that are still to be accepted before the pipeline runs again. */
  readonly left: Loss | null;
}

/** Carries an order out, or refuses it before anything changes. */
export async function carryOutOrder(orders: Orders, asked: Order): Promise<OrderAnswer> {
  const standing = await orders.standing(asked.pipeline);
  if (standing === undefined) throw refused(`pipeline ${asked.pipeline}: expected one that prepare knows, got none`);
  if (asked.do === 'accept_loss') return accept(orders, asked, standing.loss);
  const desired = asked.do === 'stop' ? 'stopped' : 'running';
  // A loss that only the job reported: supervise, which comes next, looks where it is, or finds that all is there.
  const looksAgain = desired === 'running' && standing.loss !== null && standing.loss.holes === undefined;
  const changed = standing.desired !== desired || looksAgain;
  const left = looksAgain ? null : standing.loss;
  if (changed) await orders.desire(asked, desired, left);
  return { order: asked.do, changed, left };
}

async function accept(orders: Orders, asked: AcceptLoss, loss: Loss | null): Promise<OrderAnswer> {
  if (asked.because.trim().length < 10)
    throw refused('because: expected a reason of a sentence, got less; say why these records may be gone');
  const left = lossWithout(loss, asked);
  await orders.acceptLoss(asked, left);
  return { order: asked.do, changed: true, left };
}

/** What is left of a loss once a hole of it is accepted. Only a hole that was reported can be, and only as a whole. */
export function lossWithout(loss: Loss | null, hole: Pick<AcceptLoss, 'partition' | 'from' | 'until'>): Loss | null {
  const { partition, from, until } = hole;
  const named = `partition ${partition}, offsets [${from}, ${until})`;
  if (loss === null) throw refused(`${named}: expected a loss that was reported, got a pipeline that has lost nothing`);
  if (loss.reason === 'truncated') {
    throw refused(
      `${named}: the topic ends before what the tables have absorbed, so it was made anew; its next offsets have been ` +
        'used before and cannot be told apart. Restore the topic, or give the pipeline another name',
    );
  }
  const isReported = loss.holes?.some(
    (each) => each.partition === partition && each.from === from && each.until === until,
  );
  if (!isReported)
    throw refused(`${named}: expected one of the holes that were reported, got ${JSON.stringify(loss.holes ?? [])}`);
  const holes = (loss.holes ?? []).filter((each) => each.partition !== partition || each.from !== from);
  return holes.length === 0 ? null : { ...loss, holes };
}

function refused(what: string): PipelineError {
  return new PipelineError(what, { code: 'bad_request', at: 'stream', retriable: false });
}
