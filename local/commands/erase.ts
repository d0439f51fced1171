import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { Command } from 'commander';
import type { Erased, Found } from '../../functions/erase/erase.ts';
import { keyFieldOf } from '../../streaming/keys.ts';
import { pipelineNamed } from '../../streaming/pipelines/index.ts';
import type { StepClient } from '../step-client.ts';
import { confirmed } from './ask.ts';
import { requireSteps } from './connect.ts';
import { endWith } from './end.ts';
import { erasedLines, foundLines, isLeft, isUnknown, progressLine, verifiedLines } from './erase-text.ts';
import { pipelineArgument } from './letter-filter.ts';
import { addPlace, type Place } from './place.ts';
import { runVerb } from './verb.ts';

interface EraseOptions extends Place {
  readonly key?: readonly string[];
  readonly keys?: string;
  readonly yes: boolean;
  readonly verify: boolean;
  readonly json: boolean;
}

/** So often a call answers, for who looks on. */
const lookSeconds = 3;
/** What one erase takes. */
const mostKeys = 1000;

const command = new Command('npm run erase --')
  .addArgument(pipelineArgument('whose records'))
  .description(
    'Removes everything about records by their keys: from landing, dead letters, audit messages and tables, and for\n' +
      'ever: what the source says of them later is rejected as suppressed. Says first where they are, and changes nothing without --yes.\n' +
      'Exits 1 when a key is known nowhere, and with --verify when something of it is left.',
  )
  .option('--key <field=value...>', 'key of a record, such as user_id=1b4e28ba-2fa1-4d2b-883f-b9a761bde3fb')
  .option('--keys <file>', `a file of keys, one value a line, at most ${mostKeys}`)
  .option('--yes', 'do it', false)
  .option('--verify', 'look for them everywhere, and say until when backups and topics may hold them', false)
  .option('--json', 'one JSON object at the end', false)
  .action((pipeline: string, options: EraseOptions) => endWith(() => runErase(pipeline, options)));

async function runErase(pipeline: string, options: EraseOptions): Promise<number> {
  const asked = { pipeline, keys: keysOf(pipeline, options) };
  const steps = requireSteps(options);
  const say: Say = (lines) => {
    if (!options.json) for (const line of lines) console.log(line);
  };
  const found = await look(steps, asked, say);
  say(foundLines(pipeline, found));
  if (isUnknown(found)) return ended(found, options, 1);
  if (options.yes || (!options.verify && (await isWanted(asked.keys.length)))) {
    return carryOut(steps, asked, options, say);
  }
  say(options.verify ? verifiedLines(found) : ['Nothing was changed. To erase them: the same with --yes.']);
  return ended(found, options, options.verify && isLeft(found) ? 1 : 0);
}

async function carryOut(steps: StepClient, asked: Asked, options: EraseOptions, say: Say): Promise<number> {
  const erased = await call<Erased>(steps, { ...asked, dryRun: false, who: userInfo().username }, say);
  say(erasedLines(asked.pipeline, erased));
  if (!options.verify) return ended(erased, options, 0);
  const left = await look(steps, asked, say);
  say(verifiedLines(left));
  return ended({ ...erased, left: left.found }, options, isLeft(left) ? 1 : 0);
}

interface Asked {
  readonly pipeline: string;
  readonly keys: readonly string[];
}

const look = (steps: StepClient, asked: Asked, say: Say) => call<Found>(steps, { ...asked, dryRun: true }, say);

type Say = (lines: readonly string[]) => void;

function ended(answer: object, { json }: EraseOptions, code: number): number {
  if (json) console.log(JSON.stringify(answer));
  return code;
}

/** Call after call, until it is done. */
async function call<Answer extends Found | Erased>(steps: StepClient, asked: object, say: Say): Promise<Answer> {
  let answer = await steps.call<Answer>('erase', { ...asked, seconds: lookSeconds });
  while (answer.cursor !== null) {
    say([progressLine(answer)]);
    answer = await steps.call<Answer>('erase', { ...asked, cursor: answer.cursor, seconds: lookSeconds });
  }
  return answer;
}

/** Where nobody can be asked, nothing is meant. */
async function isWanted(keys: number): Promise<boolean> {
  return process.stdin.isTTY && confirmed(`Erase these ${keys}, for ever?`, 'the same with --yes');
}

/** Values as they were typed: the step knows what a key may be. */
function keysOf(pipeline: string, { key = [], keys: file }: EraseOptions): readonly string[] {
  const field = keyFieldOf(pipelineNamed(pipeline));
  const typed = key.map((text) => {
    if (text.startsWith(`${field}=`)) return text.slice(field.length + 1);
    throw new Error(`--key: expected ${field}=<value>, the key of ${pipeline}, got ${text}`);
  });
  const lines = file === undefined ? [] : readFileSync(file, 'utf8').split(/\r?\n/);
  const keys = [...typed, ...lines.map((line) => line.trim()).filter((line) => line !== '')];
  if (keys.length > 0 && keys.length <= mostKeys) return keys;
  throw new Error(
    `expected 1 to ${mostKeys} keys, by --key ${field}=<value> or --keys <file>, got ${keys.length}: an erase of everything is refused`,
  );
}

await runVerb(addPlace(command));
