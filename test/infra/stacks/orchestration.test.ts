import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { steps } from '../../../functions/steps.ts';
import { configOf } from '../../../infra/config.ts';
import { NetworkStack } from '../../../infra/stacks/network.ts';
import { OrchestrationStack } from '../../../infra/stacks/orchestration.ts';
import { pipelines } from '../../../streaming/pipelines/index.ts';
import { stageApp } from '../synthesized.ts';

const applicationArn = 'arn:aws:emr-serverless:us-east-1:111122223333:/applications/an-application';

function templateOf(overrides: Record<string, string> = {}): Template {
  const app = new App();
  const config = configOf('full', overrides);
  const network = new NetworkStack(app, { config });
  return Template.fromStack(new OrchestrationStack(app, { config, network, pipelines, applicationArn }));
}

interface Resource {
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DependsOn?: readonly string[];
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource?: unknown;
  readonly NotResource?: unknown;
}

/** The statements of Airflow's own role, each resource as text. */
function statementsOf(template: Template): Map<string, string> {
  const policies = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([id]) => id.startsWith('Role'));
  const statements = policies.flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement as Statement[]);
  return new Map(
    statements.flatMap(({ Action, Resource, NotResource }) =>
      [Action].flat().map((action) => [action, JSON.stringify(Resource ?? { not: NotResource })]),
    ),
  );
}

describe('The orchestration stack', () => {
  let template: Template;

  beforeAll(() => {
    template = templateOf();
  });

  const environment = (): Resource =>
    Object.values(template.findResources('AWS::MWAA::Environment') as Record<string, Resource>)[0] as Resource;

  it('makes an Airflow whose page a person can reach, of the version and class of the stage', () => {
    template.hasResourceProperties('AWS::MWAA::Environment', {
      Name: 'millrace',
      AirflowVersion: configOf('full').orchestration.airflow,
      EnvironmentClass: 'mw1.micro',
      WebserverAccessMode: 'PUBLIC_ONLY',
      DagS3Path: 'dags',
    });
    expect(JSON.stringify(template.findOutputs('AirflowUrl'))).toContain('WebserverUrl');
  });

  it('asks the smallest class for one of each part, and a larger one for workers alone', () => {
    const parts = ['MinWorkers', 'MaxWorkers', 'Schedulers', 'MinWebservers', 'MaxWebservers'];
    expect(parts.map((part) => environment().Properties[part])).toEqual([1, 1, 1, 1, 1]);
    templateOf({ 'orchestration.environment': 'mw1.small' }).hasResourceProperties('AWS::MWAA::Environment', {
      EnvironmentClass: 'mw1.small',
      Schedulers: Match.absent(),
      MaxWebservers: Match.absent(),
    });
  });

  it('lies in two private subnets', () => {
    const { SubnetIds } = environment().Properties['NetworkConfiguration'] as { SubnetIds: unknown[] };
    expect(SubnetIds).toHaveLength(2);
    expect(JSON.stringify(SubnetIds)).toMatch(/private.*private/i);
  });

  it.each(['DagProcessingLogs', 'SchedulerLogs', 'TaskLogs', 'WebserverLogs', 'WorkerLogs'])('keeps %s', (kind) => {
    expect((environment().Properties['LoggingConfiguration'] as Record<string, unknown>)[kind]).toEqual({
      Enabled: true,
      LogLevel: 'INFO',
    });
  });

  it('starts DAGs as they come, which no DAG file says', () => {
    expect(environment().Properties['AirflowConfigurationOptions']).toMatchObject({
      'core.dags_are_paused_at_creation': 'False',
    });
  });

  it('keeps DAG files in a versioned bucket that nobody else reads and that goes with the stack', () => {
    template.hasResource('AWS::S3::Bucket', {
      Properties: {
        VersioningConfiguration: { Status: 'Enabled' },
        PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: true },
      },
      DeletionPolicy: 'Delete',
    });
  });

  it('brings the manifest, then the files, then Airflow, and takes nothing away', () => {
    const uploads = template.findResources('Custom::CDKBucketDeployment') as Record<string, Resource>;
    const ids = Object.keys(uploads);
    const manifest = ids.find((id) => id.startsWith('Manifest')) ?? '';
    const files = ids.find((id) => id.startsWith('DagFiles')) ?? '';
    for (const { Properties } of Object.values(uploads)) {
      expect(Properties).toMatchObject({ DestinationBucketKeyPrefix: 'dags', Prune: false });
    }
    expect(uploads[files]?.DependsOn).toContain(manifest);
    expect(environment().DependsOn).toContain(files);
  });

  it('may invoke every step but prepare, and no other function', () => {
    const resources = statementsOf(template).get('lambda:InvokeFunction') ?? '';
    const named = [...resources.matchAll(/function:([\w-*]+)/g)].map(([, name]) => name);
    expect(named).toEqual(steps.map(({ name }) => `millrace-${name}`).filter((name) => name !== 'millrace-prepare'));
  });

  it('may look at the Spark application and its runs, and start none', () => {
    const mine = [...statementsOf(template)].filter(([action]) => action.startsWith('emr-serverless:'));
    expect(Object.fromEntries(mine)).toEqual({
      'emr-serverless:GetApplication': JSON.stringify(applicationArn),
      'emr-serverless:ListJobRuns': JSON.stringify(applicationArn),
      'emr-serverless:GetJobRun': JSON.stringify(`${applicationArn}/jobruns/*`),
    });
  });

  it('may do nothing with all resources but what knows no resource', () => {
    const everywhere = [...statementsOf(template)]
      .filter(([, resource]) => resource === '"*"')
      .map(([action]) => action);
    expect(everywhere.sort()).toEqual([
      'cloudwatch:PutMetricData',
      'logs:DescribeLogGroups',
      's3:GetAccountPublicAccessBlock',
    ]);
  });

  it('may use keys of AWS for the queue only, and none of this account', () => {
    const kms = [...statementsOf(template)].filter(([action]) => action.startsWith('kms:'));
    expect(kms.length).toBe(4);
    for (const [, resource] of kms) expect(resource).toContain('"not"');
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            NotResource: Match.anyValue(),
            Condition: { StringLike: { 'kms:ViaService': Match.anyValue() } },
          }),
        ]),
      },
    });
  });
});

describe('Among the stacks, orchestration', () => {
  const needsOf = (stage: string) => {
    const { stacks } = stageApp(stage).app.synth();
    return new Map(stacks.map(({ stackName, dependencies }) => [stackName, dependencies.map(({ id }) => id)]));
  };

  it('is the last, and needed by none: its failure leaves the path running', () => {
    const needs = needsOf('full');
    const ownName = 'millrace-full-orchestration';
    expect(needs.get(ownName)).toEqual(expect.arrayContaining(['millrace-full-functions', 'millrace-full-observe']));
    expect([...needs].filter(([, others]) => others.includes(ownName))).toEqual([]);
  });

  it('is not there in a stage without it', () => {
    expect([...needsOf('dev').keys()].filter((name) => name.endsWith('orchestration'))).toEqual([]);
  });
});
