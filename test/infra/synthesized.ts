import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { afterAll } from 'vitest';
import { steps } from '../../functions/steps.ts';
import { platform } from '../../infra/app.ts';
import { configOf } from '../../infra/config.ts';
import type { Definition } from '../../streaming/definition.ts';
import { pipelines as all } from '../../streaming/pipelines/index.ts';

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DependsOn?: readonly string[] | string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown; readonly Export?: unknown }>>;
}

/** Templates by noun, as JSON: what CloudFormation would be sent. */
export type Templates = Readonly<Record<string, Template>>;

const folder = mkdtempSync(join(tmpdir(), 'millrace-synth-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Stands in for the bundles where their bytes do not matter. */
function emptyBundles(): string {
  for (const { name } of steps) {
    mkdirSync(join(folder, 'bundles', 'functions', name), { recursive: true });
    writeFileSync(join(folder, 'bundles', 'functions', name, 'index.cjs'), 'exports.handler = async () => ({});\n');
  }
  return join(folder, 'bundles');
}

/** The app of a stage, before it is synthesized; with the very feature flags of cdk.json. */
export function stageApp(
  stage: string,
  {
    overrides = {},
    pipelines = all,
    bundles = emptyBundles(),
  }: { overrides?: Record<string, string>; pipelines?: readonly Definition[]; bundles?: string } = {},
) {
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8'));
  const app = new App({ context, outdir: mkdtempSync(join(folder, 'out-')), analyticsReporting: false });
  const stacks = platform(app, { config: configOf(stage, overrides), pipelines, bundles });
  return { app, stacks, outdir: app.outdir };
}

export type Stacks = ReturnType<typeof platform>;

const known = new Map<string, Templates>();

/** Synthesizes a stage, with the validator of aws-cdk-lib: what it finds wrong is thrown. The same stage is done once. */
export function synthesize(stage: string, options?: Parameters<typeof stageApp>[1]): Templates {
  if (options !== undefined) return synthesizeAnew(stage, options);
  const templates = known.get(stage) ?? synthesizeAnew(stage);
  known.set(stage, templates);
  return templates;
}

/** A stage in which something is made wrong before it is synthesized. */
export function synthesizeSpoilt(stage: string, spoil: (stacks: Stacks) => void): Templates {
  return synthesizeAnew(stage, {}, spoil);
}

function synthesizeAnew(
  stage: string,
  options?: Parameters<typeof stageApp>[1],
  spoil: (stacks: Stacks) => void = () => undefined,
): Templates {
  const { app, stacks: made } = stageApp(stage, options);
  spoil(made);
  const prefix = `millrace-${stage}-`;
  const { stacks } = app.synth();
  return Object.fromEntries(stacks.map(({ stackName, template }) => [stackName.replace(prefix, ''), template]));
}

/** Every resource of the templates, of one type if said, with its noun and logical id. */
export function resourcesOf(templates: Templates, type?: string) {
  return Object.entries(templates).flatMap(([noun, { Resources }]) =>
    Object.entries(Resources)
      .filter(([, resource]) => type === undefined || resource.Type === type)
      .map(([id, resource]) => ({ noun, id, ...resource })),
  );
}
