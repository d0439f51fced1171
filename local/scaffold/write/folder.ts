import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Definition } from '../../../streaming/definition.ts';
import { historyWith, noHistory } from '../../../streaming/history.ts';
import { avroNameOf } from '../../../streaming/names.ts';
import { writeHistory } from '../../history-files.ts';
import type { Proposal } from '../proposal.ts';
import { examplesOf } from './examples.ts';
import { identifierOf, nameProblem, tableNamesOf } from './identifiers.ts';
import { withPipeline } from './index-entry.ts';
import { pipelineCode } from './pipeline-code.ts';
import { recordedOf } from './recorded.ts';
import { sampleCode } from './sample-code.ts';

const folderOf = (root: string, name: string) => path.join(root, 'streaming/pipelines', name);
const indexOf = (root: string) => path.join(root, 'streaming/pipelines/index.ts');

/** Refuses a name before anything is asked or read. */
export function refuseName(root: string, name: string, pipelines: readonly Definition[]): void {
  const problem = nameProblem(name);
  if (problem !== undefined) throw new Error(problem);
  const folder = folderOf(root, name);
  // Two names may make one of Avro's.
  const isListed = pipelines.some((pipeline) => avroNameOf(pipeline) === avroNameOf({ name }));
  if (isListed || existsSync(folder)) {
    throw new Error(
      `${name}: expected a name that no pipeline has, got one that is taken (${path.relative(root, folder)}). Nothing is overwritten: choose another name, or remove the folder and its lines in streaming/pipelines/index.ts first.`,
    );
  }
  const { byKey, byDay } = tableNamesOf(name);
  const owner = pipelines.find(({ tables }) => byKey in tables || byDay in tables);
  if (owner !== undefined) {
    throw new Error(
      `${name}: expected tables of its own (${byKey}, ${byDay}), got one that ${owner.name} has; choose another name`,
    );
  }
}

/** Writes the pipeline's folder and its place in the index; all of it or, when the definition is not legal, nothing. */
export async function writePipeline(root: string, proposal: Proposal, now: Date): Promise<Definition> {
  const folder = folderOf(root, proposal.name);
  const index = readFileSync(indexOf(root), 'utf8');
  // Fails when the folder exists: two that write at once never mix.
  mkdirSync(folder);
  try {
    const definition = await writeFolder(folder, proposal, now);
    writeFileSync(indexOf(root), withPipeline(index, proposal.name, identifierOf(proposal.name)));
    await format(root, [folder, indexOf(root)]);
    return definition;
  } catch (error) {
    rmSync(folder, { recursive: true });
    writeFileSync(indexOf(root), index);
    throw error;
  }
}

async function writeFolder(folder: string, proposal: Proposal, now: Date): Promise<Definition> {
  const write = (file: string, text: string) => writeFileSync(path.join(folder, file), text);
  const recorded = recordedOf(proposal);
  mkdirSync(path.join(folder, 'recorded'));
  write('pipeline.ts', pipelineCode(proposal, now));
  write('sample.ts', sampleCode(proposal));
  write('recorded/records.json', json(recorded));
  const definition = await load(path.join(folder, 'pipeline.ts'), identifierOf(proposal.name));
  write('examples.json', json(examplesOf(definition, recorded)));
  writeHistory(folder, historyWith(definition, noHistory));
  return definition;
}

const json = (content: unknown) => `${JSON.stringify(content, null, 2)}\n`;

/** What was written is what is read: the definition checks itself when it is loaded. */
async function load(file: string, identifier: string): Promise<Definition> {
  const module = (await import(pathToFileURL(file).href)) as Readonly<Record<string, Definition>>;
  return module[identifier] as Definition;
}

async function format(root: string, files: readonly string[]): Promise<void> {
  const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome');
  await promisify(execFile)(process.execPath, [biome, 'check', '--write', ...files], { cwd: root });
}
