import path from 'node:path';
import { Command } from 'commander';
import type { Definition } from '../../streaming/definition.ts';
import { brokenPromises, gains, type History, historyWith } from '../../streaming/history.ts';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { pipelineFolder, readHistory, writeHistory } from '../history-files.ts';
import { endWith } from './end.ts';
import { runVerb } from './verb.ts';

const root = path.join(import.meta.dirname, '../..');

const command = new Command('npm run definitions --')
  .description('Holds every definition against what it has promised so far: its schemas, keys and columns.')
  .option('--keep', 'keep what definitions have gained, in files beside them', false)
  .action(({ keep }: { keep: boolean }) => endWith(async () => judgeAll(keep)));

/** Answers 1 when a promise is broken, or something new is not kept. */
function judgeAll(keep: boolean): number {
  const problems = pipelines.flatMap((pipeline) => {
    const folder = pipelineFolder(root, pipeline);
    const history = readHistory(folder);
    const broken = brokenPromises(pipeline, history);
    if (broken.length > 0) return broken;
    return keep ? keepAll(pipeline, folder, history) : unkept(pipeline, history);
  });
  for (const problem of problems) console.error(problem);
  return problems.length === 0 ? 0 : 1;
}

function keepAll(pipeline: Definition, folder: string, history: History): string[] {
  const gained = gains(pipeline, history);
  if (gained.length > 0) writeHistory(folder, historyWith(pipeline, history));
  for (const one of gained) console.log(`${pipeline.name}: kept ${one}`);
  return [];
}

function unkept(pipeline: Definition, history: History): string[] {
  const gained = gains(pipeline, history);
  if (gained.length === 0) return [];
  return [
    `${pipeline.name}: has gained ${gained.join(', ')}; once that is meant, keep it: npm run definitions -- --keep`,
  ];
}

await runVerb(command);
