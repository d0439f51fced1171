import { InvalidArgumentError } from 'commander';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { billOf, billText } from '../cost/bill.ts';
import { type Said, volumesOf } from '../cost/volume.ts';
import { endWith } from '../verb/end.ts';
import { chosenConfig, type StageOptions, stageCommand } from '../verb/stage.ts';

interface CostOptions extends StageOptions {
  readonly rate: Said['rate'];
  readonly bytes?: number;
  readonly age: number;
  readonly json: boolean;
}

const command = stageCommand('cost', 'What a month of a stage costs, line by line, from its configuration and volume.')
  .option('--rate <n>', 'records a minute of every pipeline, or <pipeline>=<n>; may be repeated', rate)
  .option('--bytes <n>', 'bytes of a record as JSON', number)
  .option('--age <months>', 'how long the tables have been filling', number, 1)
  .option('--json', 'one JSON object', false)
  .action((options: CostOptions) => endWith(async () => cost(options)));

function cost(options: CostOptions): number {
  const config = chosenConfig(options);
  const { rate: said, bytes, age, json } = options;
  const volumes = volumesOf(config, pipelines, {
    ...(said === undefined ? {} : { rate: said }),
    ...(bytes === undefined ? {} : { bytes }),
  });
  const bill = billOf(config, volumes, age);
  console.log(json ? JSON.stringify(bill) : billText(bill));
  return 0;
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError(`expected a number, got ${text}`);
}

function rate(text: string, before: Said['rate']): Said['rate'] {
  const [name = '', value] = text.split('=');
  if (value === undefined) return number(text);
  const known = pipelines.map((pipeline) => pipeline.name);
  if (!known.includes(name)) throw new InvalidArgumentError(`expected one of ${known.join(', ')}, got ${name}`);
  return { ...(typeof before === 'object' ? before : {}), [name]: number(value) };
}

await command.parseAsync();
