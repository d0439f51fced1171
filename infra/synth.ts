import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { bundle } from '../bundle.ts';
import { pipelines } from '../streaming/pipelines/index.ts';
import { platform } from './app.ts';
import { configOf } from './config.ts';

/** `cdk synth`, `cdk deploy`: one stage, `-c stage=dev` unless said, with `-c key=value` for what is to be otherwise. */
const app = new App();
const { stage, ...overrides } = ownContext(app);
const bundles = join(import.meta.dirname, '..', 'dist', 'bundles');
await bundle({ outDir: bundles });
platform(app, { config: configOf(stage, overrides), pipelines, bundles });

/** What was said to this project; the rest of the context are the CDK's own words, which all have a colon or an @. */
function ownContext({ node }: App): Record<string, string> {
  const context = Object.entries(node.getAllContext() as Record<string, unknown>);
  return Object.fromEntries(
    context
      .filter(([key]) => !/[:@]/.test(key) && !key.startsWith('aws-cdk'))
      .map(([key, value]) => [key, String(value)]),
  );
}
