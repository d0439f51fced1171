import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import type { Template, Templates } from './template.ts';

const ending = '.template.json';

/** The templates of a folder that `cdk synth` wrote. */
export function templatesIn(folder: string): Templates {
  const files = readdirSync(folder).filter((name) => name.endsWith(ending));
  return Object.fromEntries(
    files.map((name) => [
      name.slice(0, -ending.length),
      JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Template,
    ]),
  );
}

/** Writes an app of these templates, for `cdk --app`: stacks of the same names, with the same logical ids. */
export function writeAssembly(folder: string, templates: Templates, env: { account: string; region: string }): string {
  const outdir = path.join(folder, 'assembly');
  const app = new App({ outdir, analyticsReporting: false });
  mkdirSync(path.join(folder, 'templates'));
  for (const [name, template] of Object.entries(templates)) {
    const templateFile = path.join(folder, 'templates', `${name}.json`);
    writeFileSync(templateFile, JSON.stringify(template));
    new CfnInclude(new Stack(app, name, { env }), 'Rehearsed', { templateFile });
  }
  app.synth();
  return outdir;
}
