import { userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Argument, Command } from 'commander';
import type { RebuildAnswer, RebuildPreview } from '../../functions/rebuild/rebuild.ts';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { usualWaits } from '../backfill/run-instant.ts';
import { wholeNumber } from '../options.ts';
import { type Fetched, fetchAgain } from '../rebuild/fetch-again.ts';
import { isWhole, planLines, rebuiltLine, restLines } from '../rebuild/text.ts';
import type { StepClient } from '../step-client.ts';
import { confirmed } from './ask.ts';
import { progressOf } from './bar.ts';
import { requireSteps } from './connect.ts';
import { endWith } from './end.ts';
import { untilInterrupted } from './interrupt.ts';
import { addPlace, type Place } from './place.ts';
import { runVerb } from './verb.ts';

interface RebuildOptions extends Place {
  readonly table: string;
  readonly rate?: number;
  readonly refetch: boolean;
  readonly yes: boolean;
  readonly json: boolean;
}

const command = new Command('npm run rebuild --')
  .description(
    'Fills a table that came later than the records: replays what the topic still holds from before the stream wrote it,\n' +
      'with the write times of then. Says first what it would do, and changes nothing without --yes.\n' +
      'Exits 1 when it is refused, and when the table lacks instants that the topic holds no more: --refetch asks the\n' +
      'source for those again.',
  )
  .addArgument(new Argument('<pipeline>').choices(pipelines.map(({ name }) => name)))
  .requiredOption('--table <name>', 'the table')
  .option('--rate <n>', 'records a second at most (else 2,000)', wholeNumber)
  .option('--refetch', 'ask the source again for what the topic holds no more', false)
  .option('--yes', 'do it', false)
  .option('--json', 'one JSON object at the end', false)
  .action((pipeline: string, options: RebuildOptions) => endWith(() => rebuild(pipeline, options)));

type Say = (lines: readonly string[]) => void;

async function rebuild(pipeline: string, options: RebuildOptions): Promise<number> {
  const steps = requireSteps(options);
  const say: Say = (lines) => {
    if (!options.json && lines.length > 0) console.log(lines.join('\n'));
  };
  const { table, rate, refetch } = options;
  const asked = { pipeline, table, rate, refetch, who: userInfo().username };
  const preview = await steps.call<RebuildPreview>('rebuild', asked);
  say(planLines(pipeline, preview, refetch));
  const isMeant = hasWork(preview, refetch) && (options.yes || (await isWanted(table)));
  if (isMeant) return carryOut(steps, asked, preview, options, say);
  say(hasWork(preview, refetch) ? ['Nothing was changed. To do it: the same with --yes.'] : []);
  if (options.json) console.log(JSON.stringify(preview));
  return isWhole(preview, refetch) ? 0 : 1;
}

const hasWork = ({ total, outOfReach, underWay }: RebuildPreview, refetch: boolean) =>
  underWay !== null || total > 0 || (refetch && outOfReach.count > 0);

/** Where nobody can be asked, nothing is meant. */
const isWanted = async (table: string) =>
  process.stdin.isTTY ? confirmed(`Rebuild ${table}?`, 'the same with --yes') : false;

interface Asked {
  readonly pipeline: string;
  readonly table: string;
  readonly refetch: boolean;
  readonly who: string;
}

async function carryOut(
  steps: StepClient,
  asked: Asked,
  preview: RebuildPreview,
  { json }: RebuildOptions,
  say: Say,
): Promise<number> {
  const signal = untilInterrupted();
  const answer = await replay(steps, asked, signal);
  say([rebuiltLine(answer)]);
  const fetched = asked.refetch && answer.done ? await refetch(steps, asked, preview, signal) : undefined;
  say(restLines(preview, fetched));
  if (json) console.log(JSON.stringify({ ...answer, ...(fetched && { fetched }), outOfReach: preview.outOfReach }));
  if (signal.aborted) return interrupted;
  return answer.done && isWhole(preview, asked.refetch) && (fetched?.failed.length ?? 0) === 0 ? 0 : 1;
}

const interrupted = 130;
const lookMs = 1000;

/** Looks until the job has ended; Ctrl-C ends the looking, not the job. */
async function replay(steps: StepClient, asked: Asked, signal: AbortSignal): Promise<RebuildAnswer> {
  const { pipeline, table, who } = asked;
  let answer = await steps.call<RebuildAnswer>('rebuild', { ...asked, dryRun: false });
  const progress = progressOf('records', answer.total);
  try {
    while (answer.cursor !== null && !signal.aborted) {
      progress.at(answer.replayed, answer.waits ?? '');
      await sleep(lookMs, undefined, { signal }).catch(() => undefined);
      answer = await steps.call<RebuildAnswer>('rebuild', {
        pipeline,
        table,
        who,
        dryRun: false,
        cursor: answer.cursor,
      });
    }
    return answer;
  } finally {
    progress.stop();
  }
}

async function refetch(
  steps: StepClient,
  { pipeline, table }: Asked,
  { outOfReach: { instants } }: RebuildPreview,
  signal: AbortSignal,
): Promise<Fetched> {
  const progress = progressOf('instants fetched again', instants.length);
  try {
    return await fetchAgain(steps, { pipeline, table, instants, signal, waits: usualWaits, onProgress: progress.at });
  } finally {
    progress.stop();
  }
}

await runVerb(addPlace(command));
