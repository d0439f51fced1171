import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import type { Definition } from '../../streaming/definition.ts';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { stepMs } from '../../streaming/schedule.ts';
import { runnerOf } from '../data-folder.ts';
import { wholeNumber } from '../options.ts';
import { readAnswer } from '../scaffold/answer.ts';
import { guesses } from '../scaffold/decide/guesses.ts';
import { questions } from '../scaffold/decide/questions.ts';
import { unattended } from '../scaffold/decide/unattended.ts';
import { firstRun } from '../scaffold/first-run.ts';
import { type Decider, type Proposal, propose, type Said } from '../scaffold/proposal.ts';
import { refuseName, writePipeline } from '../scaffold/write/folder.ts';
import { endWith } from './end.ts';
import { runVerb } from './verb.ts';
import { statusOf, stopIt } from './verb-text.ts';

interface NewOptions extends Said {
  readonly from: string;
  readonly yes: boolean;
  readonly run: boolean;
  readonly portBase?: number;
}

const root = path.join(import.meta.dirname, '../..');
const more = (value: string, before: readonly string[]) => [...before, value];

const command = new Command('npm run new --')
  .description(
    'A new pipeline from a sample answer of its source: infers the fields, asks what it cannot know, writes the\n' +
      'definition with a sample source, and runs it once on the real servers.',
  )
  .argument('<name>', 'lower-case words joined by hyphens, such as bike-stations')
  .requiredOption('--from <answer>', 'the address of the source, or a file with one of its answers')
  .option('--url <address>', 'the https address that the pipeline will ask (when --from is a file)')
  .option('--list <path>', 'dot path to the list of records; . when the answer is the list')
  .option('--key <path>', 'the field that tells the records apart')
  .option('--time <path>', 'a time for a second table by day; none for one table')
  .option('--text <path>', 'take a field as text; may be repeated', more, [])
  .option('--skip <path>', 'leave a field out; may be repeated', more, [])
  .option('--every <time>', 'a run every so often, such as 1m, 15m, 6h', everyTime, '1m')
  .option('--records <n>', 'records of a run (else as many as the answer has)', wholeNumber)
  .option('--yes', 'take the guesses, ask nothing', false)
  .option('--no-run', 'only write it')
  .option('--port-base <n>', 'first of the ports of the run', wholeNumber)
  .action((name: string, options: NewOptions) => endWith(() => add(name, options)));

function everyTime(text: string): string {
  try {
    stepMs(text);
    return text;
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

async function add(name: string, options: NewOptions): Promise<number> {
  refuseName(root, name, pipelines);
  const proposal = await decided(name, options);
  const definition = await writePipeline(root, proposal, new Date());
  for (const line of report(proposal, definition)) console.log(line);
  if (!options.run) return 0;
  const isBalanced = await firstRun({ root, definition, portBase: options.portBase });
  console.log(isBalanced ? `\n${name} runs.` : `\n${name} is written, but its first run did not balance: see above.`);
  return isBalanced ? 0 : 1;
}

/** Asks a person, takes the guesses, or says what a person would have been asked. */
async function decided(name: string, options: NewOptions): Promise<Proposal> {
  const answer = await readAnswer(options.from);
  const needed: string[] = [];
  const proposal = await propose(name, answer, options, decider(options.yes, needed));
  if (needed.length === 0) return proposal;
  throw new Error(
    ['Nobody can be asked here. Say it, or take the guesses with --yes:', ...needed, 'Nothing was written.'].join('\n'),
  );
}

function decider(isYes: boolean, needed: string[]): Decider {
  if (isYes) return guesses;
  return process.stdin.isTTY ? questions() : unattended(needed);
}

function* report(proposal: Proposal, { name, tables }: Definition): Generator<string> {
  const { fields, leftOut, key, time, isAddressUnknown, list } = proposal;
  const file = `streaming/pipelines/${name}/pipeline.ts`;
  yield `Written: ${file}, its sample, examples and schema, and its line in streaming/pipelines/index.ts.`;
  yield `  ${fields.length} fields of ${list.records.length} records at ${list.path}; key ${key.path}${time ? `, time ${time.field.path}` : ''}; tables ${Object.keys(tables).join(', ')}`;
  for (const { path: left, why } of leftOut) yield `  left out: ${left} (${why})`;
  if (isAddressUnknown) yield `  The address of the source is not known: put it into ${file}, at url.`;
  const data = '.millrace';
  if (runnerOf(data))
    yield `  A platform runs on ${data}: it sees the pipeline after a restart (${stopIt(data)}, then npm run local; ${statusOf(data)}).`;
}

await runVerb(command);
