import { Command, Option } from 'commander';
import type { DeadLetters } from '../../functions/inspect/inspect.ts';
import { letterStates } from '../../functions/ports.ts';
import { wholeNumber } from '../options.ts';
import { whenFree } from '../when-free.ts';
import { requireSteps } from './connect.ts';
import { endWith } from './end.ts';
import { endOnClosedOutput } from './interrupt.ts';
import { addLetterOptions, filterOf, type LetterOptions, pipelineArgument } from './letter-filter.ts';
import { addPlace, type Place } from './place.ts';
import { tableOf } from './rows.ts';
import { runVerb } from './verb.ts';
import { verb } from './verb-text.ts';

type Letter = DeadLetters['letters'][number];

interface Shown extends Place {
  readonly json: boolean;
}

interface ListOptions extends LetterOptions, Shown {
  readonly state?: string;
  readonly limit: number;
  readonly after?: string;
}

/** Letters of one answer of the step. */
const mostAtOnce = 500;

const list = addLetterOptions(new Command('list').addArgument(pipelineArgument()))
  .description('the newest first, without what they hold')
  .addOption(new Option('--state <state>', 'how they stand').choices(letterStates))
  .option('--limit <n>', 'letters at most', wholeNumber, 50)
  .option('--after <cursor>', 'go on where the list before ended')
  .option('--json', 'one JSON object a line, with what they hold', false)
  .action((pipeline: string, options: ListOptions) => endWith(() => listLetters(pipeline, options)));

const show = new Command('show')
  .addArgument(pipelineArgument())
  .argument('<identity>', 'of the record, as list shows it')
  .description('one of them, with what it holds; exits 1 when there is none')
  .option('--json', 'one JSON object', false)
  .action((pipeline: string, identity: string, options: Shown) =>
    endWith(() => showLetter(pipeline, identity, options)),
  );

const command = new Command('npm run dead --')
  .description(
    'Dead letters: records that could not go on, where, and why.\n' +
      'States: open; redriving, on its way again; stored, it arrived; parked, it died too often.',
  )
  .addCommand(addPlace(list))
  .addCommand(addPlace(show));

async function listLetters(pipeline: string, options: ListOptions): Promise<number> {
  const { state, limit, json } = options;
  const steps = requireSteps(options);
  endOnClosedOutput();
  const letters: Letter[] = [];
  let after: string | null | undefined = options.after;
  do {
    const most = Math.min(limit - letters.length, mostAtOnce);
    const asked = { question: 'dead', pipeline, ...filterOf(options), state, limit: most, after };
    const answer: DeadLetters = await whenFree<DeadLetters>(steps, 'inspect', asked);
    letters.push(...answer.letters);
    after = answer.next;
  } while (after !== null && letters.length < limit);
  if (json) for (const letter of letters) console.log(JSON.stringify(letter));
  else console.log(letters.length === 0 ? 'No dead letters.' : tableOf(letters.map(line)));
  if (after !== null) {
    console.error(`There are more. Go on: ${verb('dead', `list ${pipeline} ... --after ${after}`, options)}`);
  }
  return 0;
}

const line = ({ identity, run, at, reason, field, state, attempts, died_at }: Letter) => ({
  died: String(died_at),
  at,
  reason,
  field,
  state,
  attempts,
  run,
  identity,
});

async function showLetter(pipeline: string, identity: string, { json, ...place }: Shown): Promise<number> {
  const steps = requireSteps(place);
  const asked = { question: 'dead', pipeline, identities: [identity], limit: 1 };
  const [letter] = (await whenFree<DeadLetters>(steps, 'inspect', asked)).letters;
  if (letter === undefined) {
    throw new Error(
      `No dead letter of ${pipeline} has the identity ${identity}. ${verb('dead', `list ${pipeline}`, place)}`,
    );
  }
  console.log(JSON.stringify(letter, null, json ? 0 : 2));
  return 0;
}

await runVerb(command);
