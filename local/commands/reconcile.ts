import { userInfo } from 'node:os';
import { Argument, Command } from 'commander';
import type { ReconcileAnswer } from '../../functions/reconcile/reconcile.ts';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { accountsOf } from '../reconcile/accounts.ts';
import { type Compared, compareAll } from '../reconcile/deep.ts';
import { arrived, repair } from '../reconcile/repair.ts';
import { accountLines, comparedLines, isBalanced } from '../reconcile/text.ts';
import type { StepClient } from '../step-client.ts';
import { confirmed } from './ask.ts';
import { progressOf } from './bar.ts';
import { requireSteps } from './connect.ts';
import { endWith } from './end.ts';
import { endOnClosedOutput } from './interrupt.ts';
import { moment } from './letter-filter.ts';
import { addPlace, type Place } from './place.ts';
import { runVerb } from './verb.ts';
import { verb } from './verb-text.ts';

interface ReconcileOptions extends Place {
  readonly from?: string;
  readonly until?: string;
  readonly each: boolean;
  readonly deep: boolean;
  readonly repair: boolean;
  readonly yes: boolean;
  readonly json: boolean;
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
  .option('--repair', 'and have those land once more that are not in every table as they landed; asks first', false)
  .option('--yes', 'do not ask (with --repair)', false)
  .option('--json', 'one JSON object for each pipeline, a line each', false)
  .action((pipeline: string | undefined, options: ReconcileOptions) => endWith(() => reconcile(pipeline, options)));

async function reconcile(pipeline: string | undefined, options: ReconcileOptions): Promise<number> {
  const steps = requireSteps(options);
  endOnClosedOutput();
  const until = options.until ?? new Date().toISOString();
  const balanced: boolean[] = [];
  for (const name of pipeline === undefined ? names : [pipeline]) {
    const answer = await accountsOf(steps, { pipeline: name, from: options.from, until, each: options.each });
    balanced.push(isBalanced(answer, await tell(steps, answer, options)));
  }
  return balanced.every(Boolean) ? 0 : 1;
}

/** Says how an interval stands, and answers how its rows do, as they are after a repair. */
async function tell(
  steps: StepClient,
  answer: ReconcileAnswer,
  options: ReconcileOptions,
): Promise<Compared | undefined> {
  const found = options.deep || options.repair ? await compareWith(steps, answer) : undefined;
  if (!options.json) show(answer, found, options);
  const isAstray = found !== undefined && found.astray.length > 0;
  const compared = options.repair && isAstray ? await repaired(steps, answer, found, options) : found;
  if (options.json) showJson(answer, compared);
  return compared;
}

async function compareWith(steps: StepClient, { pipeline, from, until, totals }: ReconcileAnswer): Promise<Compared> {
  const progress = progressOf(`${pipeline}: rows compared`, totals.landed);
  try {
    return await compareAll(steps, { pipeline, from, until }, (rows) => progress.at(rows));
  } finally {
    progress.stop();
  }
}

/** Has what is astray land once more, follows it to the tables, and compares again. */
async function repaired(
  steps: StepClient,
  answer: ReconcileAnswer,
  found: Compared,
  { yes, ...place }: ReconcileOptions,
): Promise<Compared> {
  const { pipeline } = answer;
  const again = verb('reconcile', `${pipeline} --repair --yes`, place);
  if (!yes && !(await confirmed(`Land ${found.astray.length} rows once more?`, again))) return found;
  const { runs, landed } = await repair(steps, pipeline, userInfo().username, found.astray);
  console.error(`  ${landed} rows landed once more, as ${runs.join(', ')}`);
  await arrived(steps, pipeline, runs);
  const compared = await compareWith(steps, answer);
  for (const line of comparedLines(compared)) console.error(line);
  return compared;
}

function showJson(answer: ReconcileAnswer, compared: Compared | undefined): void {
  const { done: _, cursor: __, ...account } = answer;
  const verdict = isBalanced(answer, compared) ? 'balanced' : 'unbalanced';
  console.log(JSON.stringify({ verdict, ...account, ...(compared && { deep: compared }) }));
}

function show(answer: ReconcileAnswer, compared: Compared | undefined, { each, ...place }: ReconcileOptions): void {
  for (const line of accountLines(answer, each)) console.log(line);
  for (const line of compared ? comparedLines(compared) : []) console.log(line);
  const { pipeline, from, until, totals, runs } = answer;
  const isOpen = runs.some(({ imbalances }) => imbalances.some(({ equation }) => equation === 'run'));
  if (totals.missing > 0 || isOpen) {
    console.log(`  Run what is missing: ${verb('backfill', `${pipeline} --from ${from} --to ${until}`, place)}`);
  }
  if ((compared?.astray.length ?? 0) === 0) return;
  console.log(`  Repair it: ${verb('reconcile', `${pipeline} --from ${from} --until ${until} --repair`, place)}`);
}

await runVerb(addPlace(command));
