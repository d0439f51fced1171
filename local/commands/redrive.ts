import { userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import type { Account } from '../../functions/ports.ts';
import type { RedriveAnswer, RedrivePreview } from '../../functions/redrive/redrive.ts';
import { wholeNumber } from '../options.ts';
import type { StepClient } from '../step-client.ts';
import { whenFree } from '../when-free.ts';
import { confirmed } from './ask.ts';
import { requireSteps } from './connect.ts';
import { endWith } from './end.ts';
import { addLetterOptions, filterOf, type LetterOptions, pipelineArgument } from './letter-filter.ts';
import { addPlace, type Place } from './place.ts';
import { accountLine, answerLines, isComplete, previewLines, progressLine } from './redrive-text.ts';
import { runVerb } from './verb.ts';
import { verb } from './verb-text.ts';

interface RedriveOptions extends LetterOptions, Place {
  readonly identity?: readonly string[];
  readonly parked: boolean;
  readonly limit?: number;
  readonly rate?: number;
  readonly yes: boolean;
  readonly wait: boolean;
  readonly json: boolean;
}

/** So often a call answers, for who looks on. */
const lookSeconds = 3;
/** Gives up to wait when nothing has moved for this long, which is longer than supervise lets a job stand still. */
const stallSeconds = 400;

const command = addLetterOptions(new Command('npm run redrive --').addArgument(pipelineArgument()))
  .description(
    'Sends dead letters on their way again, once their cause is gone. Says which ones first, and changes nothing without ' +
      '--yes. Origins and versions stay, so that nothing counts twice; what is still bad is the same dead letter again, ' +
      'and parked after five deaths.\nExits 1 when it is refused, and with --wait when not all of it was stored.',
  )
  .option('--identity <identity...>', 'these letters, as npm run dead -- list shows them')
  .option('--parked', 'those that are parked, and not the open ones', false)
  .option('--limit <n>', 'letters at most (else 100,000)', wholeNumber)
  .option('--rate <n>', 'records a second at most (else 1,000)', wholeNumber)
  .option('--yes', 'do it', false)
  .option('--wait', 'until all of it is in the tables or dead again, and say the account', false)
  .option('--json', 'one JSON object at the end', false)
  .action((pipeline: string, options: RedriveOptions) => endWith(() => redrive(pipeline, options)));

async function redrive(pipeline: string, options: RedriveOptions): Promise<number> {
  const steps = requireSteps(options);
  const say: Say = (lines) => {
    if (!options.json) console.log(lines.join('\n'));
  };
  const asked = eventOf(pipeline, options);
  const preview = await steps.call<RedrivePreview>('redrive', asked);
  say(previewLines(pipeline, preview));
  if (preview.letters > 0 && (options.yes || (await isWanted(preview.letters)))) {
    return carryOut(steps, asked, options, say);
  }
  if (preview.letters > 0) say(['Nothing was changed. To redrive them: the same with --yes.']);
  if (options.json) console.log(JSON.stringify(preview));
  return 0;
}

type Say = (lines: readonly string[]) => void;

async function carryOut(steps: StepClient, asked: Event, { wait, json, ...place }: RedriveOptions, say: Say) {
  const answer = await drive(steps, asked, say);
  say(answerLines(answer));
  const account = wait ? await whatBecame(steps, asked.pipeline, answer, place) : undefined;
  if (account !== undefined) say([accountLine(account)]);
  if (json) console.log(JSON.stringify({ ...answer, ...(account !== undefined && { account }) }));
  return account === undefined || allStored(account) ? 0 : 1;
}

type Event = ReturnType<typeof eventOf>;

function eventOf(pipeline: string, { identity: identities, parked, limit, rate, ...options }: RedriveOptions) {
  return { pipeline, filter: { ...filterOf(options), identities, parked }, limit, rate, who: userInfo().username };
}

/** Where nobody can be asked, nothing is meant. */
async function isWanted(letters: number): Promise<boolean> {
  if (letters === 0 || !process.stdin.isTTY) return false;
  return confirmed(`Redrive these ${letters}?`, 'the same with --yes');
}

/** Call after call, until it is done. */
async function drive(steps: StepClient, asked: Event, say: Say) {
  const { pipeline, who } = asked;
  let answer = await steps.call<RedriveAnswer>('redrive', { ...asked, dryRun: false, seconds: lookSeconds });
  while (answer.cursor !== null) {
    say([progressLine(answer)]);
    answer = await steps.call<RedriveAnswer>('redrive', { pipeline, who, cursor: answer.cursor, seconds: lookSeconds });
  }
  return answer;
}

const allStored = (account: Account) =>
  isComplete(account) && account.rejected === 0 && account.dead === 0 && account.expired === 0;

/** The account, once nothing of the run is on its way any more; as it stands when the stream does not run. */
async function whatBecame(steps: StepClient, pipeline: string, { run, stream }: RedriveAnswer, place: Place) {
  let last = '';
  let movedAt = performance.now();
  for (;;) {
    const question = { question: 'account', pipeline, run };
    const { account } = await whenFree<{ account: Account }>(steps, 'inspect', question);
    if (isComplete(account) || stream !== 'running') return account;
    const now = accountLine(account);
    if (now !== last) movedAt = performance.now();
    last = now;
    if (performance.now() - movedAt > stallSeconds * 1000) {
      console.error(`Nothing has moved for ${stallSeconds} s. What is wrong: ${verb('stream', 'status', place)}`);
      return account;
    }
    await sleep(500);
  }
}

await runVerb(addPlace(command));
