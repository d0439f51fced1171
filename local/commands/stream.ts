import { userInfo } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import type { Status } from '../../functions/inspect/inspect.ts';
import type { Order, OrderAnswer } from '../../functions/supervise/orders.ts';
import { whenFree } from '../when-free.ts';
import { requireSteps } from './connect.ts';
import { endWith } from './end.ts';
import { addPlace, type Place } from './place.ts';
import { orderLines, standingLines } from './stream-text.ts';
import { runVerb } from './verb.ts';

interface Options extends Place {
  readonly json: boolean;
}

interface Hole {
  readonly partition: number;
  readonly from: number;
  readonly until: number;
  readonly because: string;
}

const command = new Command('npm run stream --').description(
  'Stops and starts what the stream does for a pipeline, and accepts offsets that are gone for good.',
);

verb('status', 'which pipelines the job hosts, and what keeps the others out')
  .argument('[pipeline]', 'all of them unless named')
  .action((pipeline: string | undefined, options: Options) => endWith(() => status(pipeline, options)));

verb('stop', 'leaves the pipeline out of the job; its records wait on the topic')
  .argument('<pipeline>')
  .option('--because <reason>', 'kept with the order')
  .action((pipeline: string, { because, ...options }: Options & { because?: string }) =>
    endWith(() => give({ do: 'stop', pipeline, who: userInfo().username, because }, options)),
  );

verb('start', 'lets the job host it again, from where its tables end; looks again where a loss was reported')
  .argument('<pipeline>')
  .action((pipeline: string, options: Options) =>
    endWith(() => give({ do: 'start', pipeline, who: userInfo().username }, options)),
  );

verb('accept-loss', 'counts offsets that the topic no longer holds as lost, so that the pipeline goes on behind them')
  .argument('<pipeline>')
  .requiredOption('--partition <n>', 'as status names it', offset)
  .requiredOption('--from <offset>', 'first offset that is gone', offset)
  .requiredOption('--until <offset>', 'first offset that is there', offset)
  .requiredOption('--because <reason>', 'why these records may be gone; kept with the order')
  .action((pipeline: string, { partition, from, until, because, ...options }: Options & Hole) =>
    endWith(() =>
      give({ do: 'accept_loss', pipeline, who: userInfo().username, because, partition, from, until }, options),
    ),
  );

function offset(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`expected a whole number, got ${text}`);
}

function verb(name: string, what: string): Command {
  return addPlace(command.command(name).description(what).option('--json', 'the answer as JSON', false));
}

async function give(order: Order, { json, ...place }: Options): Promise<number> {
  const steps = requireSteps(place);
  const answer = await whenFree<{ ordered: OrderAnswer }>(steps, 'supervise', { order });
  console.log(json ? JSON.stringify(answer.ordered) : orderLines(order, answer.ordered).join('\n'));
  steps.close();
  return 0;
}

async function status(pipeline: string | undefined, { json, ...place }: Options): Promise<number> {
  const steps = requireSteps(place);
  const found = await whenFree<Status>(steps, 'inspect', { question: 'status', pipeline });
  console.log(
    json ? JSON.stringify(found.pipelines) : found.pipelines.flatMap((each) => standingLines(each)).join('\n'),
  );
  steps.close();
  return found.pipelines.every(({ data_loss }) => data_loss === null) ? 0 : 1;
}

await runVerb(command);
