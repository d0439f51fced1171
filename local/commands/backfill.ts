import { Argument, Command } from 'commander';
import { pipelineNamed, pipelines } from '../../streaming/pipelines/index.ts';
import { absorbed } from '../backfill/absorbed.ts';
import { backfill, type Filled } from '../backfill/backfill.ts';
import { holeOf } from '../backfill/hole.ts';
import { type Hole, missingIn } from '../backfill/instants.ts';
import { wholeNumber } from '../options.ts';
import { accountLines, isBalanced } from '../reconcile/text.ts';
import type { StepClient } from '../step-client.ts';
import { confirmed } from './ask.ts';
import { progressOf } from './bar.ts';
import { requireSteps } from './connect.ts';
import { endWith } from './end.ts';
import { untilInterrupted } from './interrupt.ts';
import { moment } from './letter-filter.ts';
import { addPlace, type Place } from './place.ts';
import { runVerb } from './verb.ts';
import { verb } from './verb-text.ts';

interface BackfillOptions extends Place {
  readonly from: string;
  readonly to: string;
  readonly concurrency: number;
  readonly yes: boolean;
}

const command = new Command('npm run backfill --')
  .description(
    'Runs the instants of an interval that have no run, or an open one. What has been run is left as it is: called\n' +
      'again, it does what is left. Waits where the path is full or the source allows no more for now.',
  )
  .addArgument(new Argument('<pipeline>').choices(pipelines.map(({ name }) => name)))
  .requiredOption('--from <time>', 'first instant, such as 2026-11-24 or 2026-11-24T17:00:00Z', moment)
  .requiredOption('--to <time>', 'instants before this one', moment)
  .option('--concurrency <n>', 'runs at once', wholeNumber, 2)
  .option('--yes', 'do not ask', false)
  .action((pipeline: string, options: BackfillOptions) => endWith(() => run(pipeline, options)));

const interrupted = 130;

async function run(name: string, options: BackfillOptions): Promise<number> {
  const hole = holeOf(pipelineNamed(name), options.from, options.to, new Date());
  const steps = requireSteps(options);
  const { instants, more } = await missingIn(steps, hole);
  const missing = instants.length + more;
  const again = verb('backfill', `${name} --from ${options.from} --to ${options.to}`, options);
  console.log(`${name}: ${missing} of ${hole.instants} instants have no closed run${sample(instants, missing)}`);
  if (missing > 0) {
    const isMeant = options.yes || (await confirmed(`Run ${missing} instants?`, `${again} --yes`));
    if (!isMeant) return 1;
  }
  const signal = untilInterrupted();
  const filled = await fill(steps, hole, missing, options.concurrency, signal);
  for (const { instant, why } of filled.failed) console.error(`  ${instant}: ${why}`);
  if (filled.gaveUp) console.error('  One failed after the other: given up.');
  const isWhole = filled.failed.length === 0 && (await verdict(steps, hole, signal));
  if (signal.aborted) console.log(`Stopped: ${filled.done} of ${missing} were run. Go on: ${again}`);
  return signal.aborted ? interrupted : Number(!isWhole);
}

function sample(instants: readonly string[], missing: number): string {
  const shown = instants.slice(0, 3).join(', ');
  return missing === 0 ? '' : `: ${shown}${missing > 3 ? ', ...' : ''}`;
}

async function fill(
  steps: StepClient,
  hole: Hole,
  missing: number,
  concurrency: number,
  signal: AbortSignal,
): Promise<Filled> {
  if (missing === 0) return { done: 0, failed: [], gaveUp: false, interrupted: false };
  const progress = progressOf('instants', missing);
  try {
    return await backfill(steps, { ...hole, concurrency, signal, onProgress: progress.at });
  } finally {
    progress.stop();
  }
}

/** Follows what has landed to the tables, and says how the interval stands then. */
async function verdict(steps: StepClient, { pipeline, from, until }: Hole, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  const asked = { pipeline: pipeline.name, from: from.toISOString(), until: until.toISOString() };
  let progress: ReturnType<typeof progressOf> | undefined;
  const answer = await absorbed(steps, asked, {
    signal,
    onProgress: (done, landed) => {
      progress ??= progressOf('records in the tables', landed);
      progress.at(done);
    },
  }).finally(() => progress?.stop());
  if (signal.aborted) return false;
  for (const line of accountLines(answer, false)) console.log(line);
  return isBalanced(answer);
}

await runVerb(addPlace(command));
