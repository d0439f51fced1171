import { Argument, Command } from 'commander';
import type { ReconcileAnswer } from '../../functions/reconcile/reconcile.ts';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { accountsOf } from '../reconcile/accounts.ts';
import { type Compared, compareAll } from '../reconcile/deep.ts';
import { accountLines, comparedLines, isBalanced } from '../reconcile/text.ts';
import type { StepClient } from '../step-client.ts';
import { progressOf } from './bar.ts';
import { requireConnected } from './connect.ts';
import { endWith } from './end.ts';
import { endOnClosedOutput } from './interrupt.ts';
import { moment } from './letter-filter.ts';
import { runVerb } from './verb.ts';
import { verb } from './verb-text.ts';

interface ReconcileOptions {
  readonly from?: string;
  readonly until?: string;
  readonly each: boolean;
  readonly deep: boolean;
  readonly json: boolean;
  readonly data: string;
}

const names = pipelines.map(({ name }) => name);

const command = new Command('npm run reconcile --')
  .description(
    'Whether every record is where it should be: by hour and run, received = landed + rejected, landed = published,\n' +
      'published = stored + dead + expired, and a run for every instant. Exits 0 when all balances, else 1.',
  )
  .addArgument(new Argument('[pipeline]', 'all of them unless said').choices(names))
  .option('--from <time>', 'a day ago unless said, such as 2026-11-24 or 2026-11-24T17:00:00Z', moment)
  .option('--until <time>', 'before this time; now unless said', moment)
  .option('--each', 'a line for every run instead of every hour', false)
  .option('--deep', 'compare every row of landing with the tables too, by key and version', false)
  .option('--json', 'one JSON object for each pipeline, a line each', false)
  .option('--data <dir>', 'data folder', '.millrace')
  .action((pipeline: string | undefined, options: ReconcileOptions) => endWith(() => reconcile(pipeline, options)));

async function reconcile(pipeline: string | undefined, options: ReconcileOptions): Promise<number> {
  const { steps } = requireConnected(options.data);
  endOnClosedOutput();
  const until = options.until ?? new Date().toISOString();
  const balanced: boolean[] = [];
  for (const name of pipeline === undefined ? names : [pipeline]) {
    const answer = await accountsOf(steps, { pipeline: name, from: options.from, until, each: options.each });
    const compared = options.deep ? await compareWith(steps, answer) : undefined;
    show(answer, compared, options);
    balanced.push(isBalanced(answer, compared));
  }
  return balanced.every(Boolean) ? 0 : 1;
}

async function compareWith(steps: StepClient, { pipeline, from, until, totals }: ReconcileAnswer): Promise<Compared> {
  const progress = progressOf(`${pipeline}: rows compared`, totals.landed);
  try {
    return await compareAll(steps, { pipeline, from, until }, (rows) => progress.at(rows));
  } finally {
    progress.stop();
  }
}

function show(answer: ReconcileAnswer, compared: Compared | undefined, { json, each, data }: ReconcileOptions): void {
  if (json) {
    const { done: _, cursor: __, ...account } = answer;
    const verdict = isBalanced(answer, compared) ? 'balanced' : 'unbalanced';
    console.log(JSON.stringify({ verdict, ...account, ...(compared && { deep: compared }) }));
    return;
  }
  for (const line of accountLines(answer, each)) console.log(line);
  for (const line of compared ? comparedLines(compared) : []) console.log(line);
  const { pipeline, from, until, totals, runs } = answer;
  const isOpen = runs.some(({ imbalances }) => imbalances.some(({ equation }) => equation === 'run'));
  if (totals.missing === 0 && !isOpen) return;
  console.log(`  Run what is missing: ${verb('backfill', `${pipeline} --from ${from} --to ${until}`, data)}`);
}

await runVerb(command);
