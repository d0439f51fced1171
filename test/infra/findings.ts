import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { type Stacks, stageApp } from './synthesized.ts';

export interface Finding {
  /** `AwsSolutions-RDS3`, or with what was found: `AwsSolutions-IAM5[Resource::*]`. */
  readonly rule: string;
  /** Path of the construct below the stage, such as `landing/Database/Resource`. */
  readonly on: string;
}

interface Report {
  readonly pluginReports: readonly {
    readonly violations?: readonly {
      readonly ruleName: string;
      readonly violatingConstructs: readonly { readonly constructPath: string }[];
    }[];
  }[];
}

/**
 * Everything that cdk-nag and the validator of aws-cdk-lib find in a stage, errors and warnings alike; `spoil` makes
 * something wrong before they look.
 */
export function findingsOf(stage: string, spoil: (stacks: Stacks) => void = () => undefined): readonly Finding[] {
  const { app, stacks, outdir } = stageApp(stage);
  spoil(stacks);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  try {
    app.synth();
  } catch (error) {
    if (!(error instanceof Error && error.name === 'ValidationFailed')) throw error;
  }
  const report: Report = JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8'));
  return report.pluginReports
    .flatMap(({ violations = [] }) => violations)
    .flatMap(({ ruleName, violatingConstructs }) =>
      violatingConstructs.map(({ constructPath }) => ({
        rule: readable(ruleName),
        on: constructPath.replace(`millrace-${stage}-`, '').replace(/\/Resource( .*)?$/, ''),
      })),
    );
}

/** What comes from another stack, by that stack's noun alone. */
function readable(rule: string): string {
  return rule
    .replaceAll(/\{"Fn::Select":\[\d,\{"Fn::Split":\["[/:]",(\{"Fn::GetStackOutput":\{.*?\}\})\]\}\]\}/g, '$1')
    .replaceAll(/\{"Fn::GetStackOutput":\{"StackName":"millrace-[a-z]+-([a-z]+)".*?\}\}/g, '<$1>');
}
