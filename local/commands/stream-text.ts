import type { Status } from '../../functions/inspect/inspect.ts';
import type { Loss, Order, OrderAnswer } from '../../functions/supervise/orders.ts';

/** What an order came to, and what is still to be done. */
export function orderLines(order: Order, { changed, left }: OrderAnswer): readonly string[] {
  const { pipeline } = order;
  const done = changed ? doneOf(order) : `${pipeline}: nothing to do, it is so already`;
  return [done, ...(left === null ? [] : lossLines(pipeline, left))];
}

function doneOf(order: Order): string {
  switch (order.do) {
    case 'stop':
      return `${order.pipeline}: stopped; its records wait on the topic until npm run stream -- start ${order.pipeline}`;
    case 'start':
      return `${order.pipeline}: started; the next generation of the job hosts it from where its tables end`;
    case 'accept_loss':
      return `${order.pipeline}: partition ${order.partition}, offsets [${order.from}, ${order.until}) count as lost`;
  }
}

type Standing = Pick<Status['pipelines'][number], 'pipeline' | 'desired' | 'data_loss' | 'running_generation' | 'lag'>;

/** How a pipeline stands with the job, and the verb that helps when something is wrong. */
export function standingLines({ pipeline, desired, data_loss, running_generation, lag }: Standing): readonly string[] {
  if (data_loss !== null) return [`${pipeline}: left out, offsets are gone`, ...lossLines(pipeline, data_loss as Loss)];
  if (desired === 'stopped')
    return [`${pipeline}: stopped by an operator, lag ${lag}; npm run stream -- start ${pipeline}`];
  if (running_generation === null) return [`${pipeline}: waits for the job, lag ${lag}`];
  return [`${pipeline}: hosted by generation ${running_generation}, lag ${lag}`];
}

function lossLines(pipeline: string, { reason, holes }: Loss): readonly string[] {
  if (holes === undefined) return [`  the job reported it; look where: npm run stream -- start ${pipeline}`];
  if (reason === 'truncated') return [`  the topic was made anew: restore it, or give the pipeline another name`];
  return holes.map(
    ({ partition, from, until }) =>
      `  to go on without them: npm run stream -- accept-loss ${pipeline} --partition ${partition} --from ${from} --until ${until} --because "..."`,
  );
}
